// A variable initialised by a conversion of a constant to bytes has no room beyond it; each has its own bytes. Names of
// types of channels of channels.
package main

import (
	"fmt"
	"reflect"
)

type B []byte
type C byte

var (
	a          = []byte("foo")
	b          = B("foo")
	c          = []C("quux")
	none       = []byte("")
	list       = [][]byte{[]byte("a"), []byte("bcd"), []byte("a")}
	fields     = struct{ x, y []byte }{[]byte("xx"), []byte("yyyyy")}
	keyed      = map[string][]byte{"k": []byte("v")}
	boxed  any = []byte("boxed")
	runes      = []rune("abc")
)

const text = "constant"

var named = []byte(text + "s")

func main() {
	fmt.Println(cap(a), cap(b), cap(c), cap(none), none == nil, len(none))
	fmt.Println(cap(list[0]), cap(list[1]), cap(fields.x), cap(fields.y), cap(named), string(named))
	a[0], list[0][0] = 'g', 'A'
	fmt.Println(string(a), string(b), string(list[0]), string(list[2]), string(keyed["k"]))
	a = append(a, "bar"...)
	fmt.Println(string(a), len(a), string(b), c, string(boxed.([]byte)), len(runes))
	fmt.Println(string(fields.x), string(fields.y))
	for _, t := range []reflect.Type{reflect.TypeFor[<-chan (<-chan int)](), reflect.TypeFor[chan (<-chan int)](), reflect.TypeFor[chan<- (<-chan int)](),
		reflect.TypeFor[<-chan chan<- int](), reflect.TypeFor[chan<- chan int](), reflect.TypeFor[<-chan (chan (<-chan func() <-chan int))](),
		reflect.ChanOf(reflect.RecvDir, reflect.TypeFor[<-chan int]()), reflect.ChanOf(reflect.BothDir, reflect.TypeFor[<-chan int]())} {
		fmt.Println(t)
	}
	fmt.Println(reflect.ChanOf(reflect.RecvDir, reflect.TypeFor[<-chan int]()) == reflect.TypeFor[<-chan (<-chan int)]())
}
