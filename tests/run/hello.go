package main

import "fmt"

func main() { fmt.Println("hello", 42, []int{1, 2}, map[string]int{"a": 1}) }
