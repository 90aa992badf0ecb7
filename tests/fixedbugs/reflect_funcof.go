// Calls of and by functions of types that only reflect.FuncOf has made, and of methods as functions.
package main

import (
	"fmt"
	"reflect"
	"runtime"
	"strings"
)

type (
	small  struct{ a, b, c, d int8 }
	mixed  struct {
		f float32
		n int16
		s string
	}
	large  struct {
		words [6]int
		p     *string
		last  uint8
	}
	one    [1]mixed
	nested struct {
		in one
		b  bool
	}
	none   struct{}
	zeros  [3]none
	word   uintptr
	number float32
	cplx   complex64
	face   interface{ String() string }
	text   string
)

func (t text) String() string { return "text " + string(t) }

func str(s string) *string { return &s }

// Values of many shapes, among them ones that take several registers, go to memory, or have no size.
func values() []any {
	return []any{
		small{1, -2, 3, -4}, mixed{1.5, -7, strings.Repeat("m", 3)}, large{[6]int{1, 2, 3, 4, 5, 6}, str("large"), 250},
		one{{2.5, 9, "one"}}, nested{one{{-0.5, 1, "in"}}, true}, none{}, zeros{}, word(1 << 63), number(0.25), cplx(1 + 2i),
		text("t"), []text{"x", "y"}, map[word]text{3: "three"}, 3.75, int8(-128), uint16(65535), [2]int32{7, -8}, str("pointer"),
	}
}

func typesOf(vals []reflect.Value) (types []reflect.Type) {
	for _, v := range vals {
		types = append(types, v.Type())
	}
	return types
}

func show(vals []reflect.Value) string {
	var b strings.Builder
	for _, v := range vals {
		switch x := v.Interface().(type) {
		case *string:
			fmt.Fprintf(&b, "&%s ", *x)
		case large:
			fmt.Fprintf(&b, "%v %s %d ", x.words, *x.p, x.last)
		default:
			fmt.Fprintf(&b, "%v ", x)
		}
	}
	return b.String()
}

// A function that gives back its arguments in reverse.
func reversing(in []reflect.Type) reflect.Value {
	var out []reflect.Type
	for i := len(in) - 1; i >= 0; i-- {
		out = append(out, in[i])
	}
	return reflect.MakeFunc(reflect.FuncOf(in, out, false), func(args []reflect.Value) (results []reflect.Value) {
		runtime.GC()
		for i := len(args) - 1; i >= 0; i-- {
			results = append(results, args[i])
		}
		return results
	})
}

func deep(n int) int {
	var pad [100]int
	pad[n%100] = n
	if n > 0 {
		return deep(n-1) + pad[n%100] - n
	}
	return 0
}

func main() {
	var all []reflect.Value
	for _, v := range values() {
		all = append(all, reflect.ValueOf(v))
	}
	// One argument and result of each kind, then more and more of them.
	bad := 0
	for from := range all {
		for to := from + 1; to <= len(all); to++ {
			args := all[from:to]
			got := reversing(typesOf(args)).Call(args)
			for i, j := 0, len(got)-1; i < j; i, j = i+1, j-1 {
				got[i], got[j] = got[j], got[i]
			}
			if show(got) != show(args) {
				bad++
				fmt.Println(from, to, show(got), "for", show(args))
			}
		}
	}
	fmt.Println("differ:", bad)
	fmt.Println(show(reversing(typesOf(all)).Call(all)))

	// The most parameters, of which nearly all lie on the stack; from many depths of the stack.
	var many []reflect.Value
	for i := range 64 {
		many = append(many, reflect.ValueOf(text(fmt.Sprint(i))))
	}
	f := reversing(typesOf(many))
	for depth := range 60 {
		done := make(chan string)
		go func() {
			var rec func(n int) string
			rec = func(n int) string {
				if n > 0 {
					return rec(n - 1)
				}
				return show(f.Call(many))
			}
			done <- rec(depth)
		}()
		if s := <-done; depth == 0 {
			fmt.Println(s)
		} else if !strings.HasPrefix(s, "text") && !strings.HasPrefix(s, "63 62 ") {
			fmt.Println(depth, s)
		}
	}

	// More results than registers, and interfaces.
	faceType := reflect.TypeFor[face]()
	ft := reflect.FuncOf([]reflect.Type{faceType, reflect.TypeFor[number]()}, []reflect.Type{faceType, faceType, faceType, faceType, reflect.TypeFor[number]()}, false)
	g := reflect.MakeFunc(ft, func(args []reflect.Value) []reflect.Value {
		deep(300)
		return []reflect.Value{args[0], args[0], args[0], reflect.Zero(faceType), args[1]}
	})
	out := g.Call([]reflect.Value{reflect.ValueOf(text("f")), reflect.ValueOf(number(8))})
	fmt.Println(out[0].Interface().(face).String(), out[2], out[3].IsNil(), out[4].Float())

	// Variadic ones.
	vt := reflect.FuncOf([]reflect.Type{reflect.TypeFor[word](), reflect.TypeFor[[]number]()}, []reflect.Type{reflect.TypeFor[int]()}, true)
	v := reflect.MakeFunc(vt, func(args []reflect.Value) []reflect.Value {
		return []reflect.Value{reflect.ValueOf(args[1].Len())}
	})
	fmt.Println(vt, v.Call([]reflect.Value{reflect.ValueOf(word(1)), reflect.ValueOf(number(1)), reflect.ValueOf(number(2))})[0])

	// Panics go through, and are recovered outside and inside.
	bang := reflect.MakeFunc(reflect.FuncOf([]reflect.Type{reflect.TypeFor[small]()}, nil, false), func(args []reflect.Value) []reflect.Value {
		panic(fmt.Sprint("with ", args[0]))
	})
	func() {
		defer func() { fmt.Println("recovered", recover()) }()
		bang.Call([]reflect.Value{all[0]})
	}()

	// A method as a function: its first parameter is the receiver.
	m := reflect.TypeFor[text]().Method(0)
	fmt.Println(m.Type, m.Func.Call([]reflect.Value{reflect.ValueOf(text("method"))})[0])
	fmt.Println(reflect.TypeOf(reflect.MakeFunc(ft, nil).Interface()) == ft, g.Pointer() == v.Pointer())

	// The collector while arguments lie only in registers and on the stack of such a call.
	alive := func(args []reflect.Value) []reflect.Value {
		for range 3 {
			runtime.GC()
			for range 1000 {
				garbage = append(garbage[:0:0], make([]byte, 64)...)
			}
		}
		return args
	}
	ptrs := []reflect.Type{reflect.TypeFor[*string](), reflect.TypeFor[*text]()}
	for len(ptrs) < 20 {
		ptrs = append(ptrs, ptrs[:2]...)
	}
	keep := reflect.MakeFunc(reflect.FuncOf(ptrs, ptrs, false), alive)
	var in []reflect.Value
	for i := range ptrs {
		p := reflect.New(ptrs[i].Elem())
		p.Elem().SetString(fmt.Sprint("p", i))
		in = append(in, p)
	}
	for i, p := range keep.Call(in) {
		if got := p.Elem().String(); got != fmt.Sprint("p", i) {
			fmt.Println("lost", i, got)
		}
	}
}

var garbage []byte
