// A panic that nobody recovers ends the program with code 2.
// exit 2
package main

import "fmt"

type failure struct{ code int }

func (f failure) Error() string { return fmt.Sprint("failure ", f.code) }

func main() {
	defer fmt.Println("deferred functions still run")
	fmt.Println("before")
	panic(failure{3})
}
