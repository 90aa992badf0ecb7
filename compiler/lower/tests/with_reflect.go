package main

import _ "reflect"

func main() {}
