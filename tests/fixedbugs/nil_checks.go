// A nil pointer faults where it is followed, though nobody uses what is there.
package main

import "fmt"

type In struct{ a, b int }

func (p *In) P() int    { return 1 }
func (p In) V() int     { return 2 }
func (p *In) Self() *In { return p }

type Zero struct{}

func (z *Zero) P() int { return 1 }
func (z Zero) V() int  { return 2 }

type Out struct {
	x int
	In
	Zero Zero
	arr  [3]In
	z0   [0]int
	f    func()
}
type First struct {
	In
	n int
}
type ZF struct{ Zero }
type PP struct{ *First }
type PPP struct{ *PP }
type Big struct {
	pad [1 << 20]byte
	In
	big [100]In
}
type Str struct {
	s string
	i interface{ P() int }
}

var (
	out   *Out
	first *First
	zf    *ZF
	pp    *PP
	pp0   PP
	ppp   PPP
	big   *Big
	arr   *[4]In
	arr0  *[0]int
	arrZ  *[4]Zero
	str   *Str
	intp  *int
	pz    *Zero
	ppi   **int
	one   *struct{ x int }
	slp   *[]int
	mp    *map[string]int
	chp   *chan int
	arr1  *[1]int
	fnp   *func()
	ifp   *any
	i     = 2
)

func get() *Out { return out }

func test(name string, f func()) {
	defer func() { fmt.Println(name, recover()) }()
	f()
}

func main() {
	test("*intp", func() { _ = *intp })
	test("*out", func() { _ = *out })
	test("*big", func() { _ = *big })
	test("*pz", func() { _ = *pz })
	test("out.x", func() { _ = out.x })
	test("out.Zero", func() { _ = out.Zero })
	test("&out.x", func() { _ = &out.x })
	test("&out.Zero", func() { _ = &out.Zero })
	test("&out.In", func() { _ = &out.In })
	test("&out.a", func() { _ = &out.a })
	test("&first.In", func() { _ = &first.In })
	test("&first.a", func() { _ = &first.a })
	test("out.arr[1]", func() { _ = out.arr[1] })
	test("out.arr[i].a", func() { _ = out.arr[i].a })
	test("&out.arr[i].a", func() { _ = &out.arr[i].a })
	test("out.arr[:]", func() { _ = out.arr[:] })
	test("out.z0[:]", func() { _ = out.z0[:] })
	test("len(out.arr)", func() { _ = len(out.arr) })
	test("len(get().arr)", func() { _ = len(get().arr) })
	test("arr[1]", func() { _ = arr[1] })
	test("arr[i]", func() { _ = arr[i] })
	test("&arr[1]", func() { _ = &arr[1] })
	test("arr[:0]", func() { _ = arr[:0] })
	test("arr0[:]", func() { _ = arr0[:] })
	test("arrZ[i]", func() { _ = arrZ[i] })
	test("&arrZ[i]", func() { _ = &arrZ[i] })
	test("len(arr)", func() { _ = len(arr) })
	test("range arr", func() {
		for range arr {
		}
	})
	test("range arr i", func() {
		for i := range arr {
			_ = i
		}
	})
	test("range arr i,v", func() {
		for i, v := range arr {
			_, _ = i, v
		}
	})
	test("range arr _,_", func() {
		for _, _ = range arr {
		}
	})
	test("range arr0 v", func() {
		for _, v := range arr0 {
			_ = v
		}
	})
	test("out.P", func() { out.P() })
	test("out.In.P", func() { out.In.P() })
	test("out.V", func() { out.V() })
	test("out.Zero.P", func() { out.Zero.P() })
	test("out.Zero.V", func() { out.Zero.V() })
	test("out.Self", func() { _ = out.Self() })
	test("first.P", func() { first.P() })
	test("first.V", func() { first.V() })
	test("first.Self", func() { _ = first.Self() })
	test("zf.P", func() { zf.P() })
	test("zf.V", func() { zf.V() })
	test("zf.Zero.V", func() { zf.Zero.V() })
	test("pz.P", func() { pz.P() })
	test("pz.V", func() { pz.V() })
	test("pp.P", func() { pp.P() })
	test("pp0.P", func() { pp0.P() })
	test("pp0.V", func() { pp0.V() })
	test("ppp.P", func() { ppp.P() })
	test("ppp.V", func() { ppp.V() })
	test("big.P", func() { big.P() })
	test("big.V", func() { big.V() })
	test("big.big[i]", func() { _ = big.big[i] })
	test("big.big[i].P", func() { big.big[i].P() })
	test("arr[1].P", func() { arr[1].P() })
	test("arr[i].P", func() { arr[i].P() })
	test("out.arr[i].P", func() { out.arr[i].P() })
	test("out.P value", func() { _ = out.P })
	test("first.P value", func() { _ = first.P })
	test("first.V value", func() { _ = first.V })
	test("zf.P value", func() { _ = zf.P })
	test("pz.V value", func() { _ = pz.V })
	test("pz.P value", func() { _ = pz.P })
	test("pp0.P value", func() { _ = pp0.P })
	test("str.s", func() { _ = str.s })
	test("str.i", func() { _ = str.i })
	test("str.i.P value", func() { _ = str.i.P })
	test("str.s[0:]", func() { _ = str.s[0:] })
	test("len(str.s)", func() { _ = len(str.s) })
	test("**ppi", func() { _ = **ppi })
	test("*ppi", func() { _ = *ppi })
	test("&*intp", func() { _ = &*intp })
	test("&*out", func() { _ = &*out })
	test("&*pz", func() { _ = &*pz })
	test("one.x", func() { _ = one.x })
	test("&one.x", func() { _ = &one.x })
	test("*one", func() { _ = *one })
	test("*slp", func() { _ = *slp })
	test("len(*slp)", func() { _ = len(*slp) })
	test("(*slp)[:]", func() { _ = (*slp)[:] })
	test("*mp", func() { _ = *mp })
	test("(*mp)[x]", func() { _ = (*mp)["x"] })
	test("len(*mp)", func() { _ = len(*mp) })
	test("*chp", func() { _ = *chp })
	test("*arr1", func() { _ = *arr1 })
	test("arr1[0]", func() { _ = arr1[0] })
	test("(*arr1)[0]", func() { _ = (*arr1)[0] })
	test("*fnp", func() { _ = *fnp })
	test("*ifp", func() { _ = *ifp })
	test("_, _ = *ifp.(int)", func() { _, _ = (*ifp).(int) })
	test("defer out.P", func() { defer out.P() })
	test("defer first.P", func() { defer first.P(); fmt.Println("not reached") })
	test("go first.P", func() { go first.P() })
	test("*pz = Zero{}", func() { *pz = Zero{} })
	test("*arr0 = [0]int{}", func() { *arr0 = [0]int{} })
	test("out.Zero = Zero{}", func() { out.Zero = Zero{} })
	test("*pz == *pz", func() { _ = *pz == *pz })
	test("*intp == *intp", func() { _ = *intp == *intp })
	test("any(*pz)", func() { _ = any(*pz) })
	test("any(*intp)", func() { _ = any(*intp) })
	test("*intp + 1", func() { _ = *intp + 1 })
	test("func arg", func() { func(Zero) {}(*pz) })
	test("func arg int", func() { func(int) {}(*intp) })
	test("var x = *out", func() { x := *out; _ = x })
	test("var x = out.x", func() { x := out.x; _ = x })
	test("copy through", func() { x := *first; y := x; _ = y.n })
	test("switch *intp", func() {
		switch *intp {
		}
	})
	test("switch *pz", func() {
		switch *pz {
		}
	})
	test("switch type", func() {
		switch (*ifp).(type) {
		}
	})
	test("method expr", func() { (*First).P(first) })
	test("method expr V", func() { (*First).V(first) })
	test("method expr ZF", func() { (*ZF).P(zf) })
	test("composite", func() { _ = []int{*intp} })
	test("composite struct", func() { _ = First{n: *intp} })
	test("closure", func() { _ = func() int { return *intp } })
	test("_ = x.f called", func() { out.f() })
	test("range *slp", func() {
		for range *slp {
		}
	})
	test("range *mp", func() {
		for range *mp {
		}
	})
	test("range out.arr", func() {
		for range out.arr {
		}
	})
	test("range out.arr i", func() {
		for i := range out.arr {
			_ = i
		}
	})
	test("range out.arr v", func() {
		for _, v := range out.arr {
			_ = v
		}
	})
	test("range &out.arr", func() {
		for range &out.arr {
		}
	})
	test("slice to array", func() { _ = *(*[0]int)([]int(nil)) })
	test("slice to array ptr", func() { p := (*[0]int)([]int(nil)); _ = *p })
	test("array conv", func() { _ = [0]int([]int(nil)) })
	test("cap(out.arr)", func() { _ = cap(out.arr[:]) })
	test("println", func() { defer println(*intp) })
}

func init() {
	test("interface P", func() { any(first).(interface{ P() int }).P() })
	test("interface V", func() { any(first).(interface{ V() int }).V() })
}
