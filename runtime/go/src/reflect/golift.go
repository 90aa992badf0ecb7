// Calls by reflection without assembly.
//
// The compiler makes two adapters for each function type that reflection can reach: one calls a function with arguments
// from memory, one receives a call and leaves its arguments in memory. They are listed in goliftFuncs, which the
// compiler fills, sorted by the address of the type.

package reflect

import (
	"internal/abi"
	"sync"
	"unsafe"
)

type goliftFunc struct {
	typ *abi.Type
	// call(code, word, frame): code(word, arguments of frame...), results to frame.
	call func(code, word, frame unsafe.Pointer)
	// Code of a func value that calls goliftMake with itself and a frame.
	make uintptr
}

var goliftFuncs []goliftFunc

type goliftFrame struct {
	typ  *funcType
	recv bool
}

// Function types of the frames that funcLayout hands out.
var goliftFrames sync.Map // map[*abi.Type]goliftFrame

// goliftFuncOf returns nil for a type that only FuncOf has made; funcof.go is for those.
func goliftFuncOf(t *funcType) *goliftFunc {
	key := uintptr(unsafe.Pointer(t))
	lo, hi := 0, len(goliftFuncs)
	for lo < hi {
		mid := int(uint(lo+hi) >> 1)
		if uintptr(unsafe.Pointer(goliftFuncs[mid].typ)) < key {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	if lo < len(goliftFuncs) && uintptr(unsafe.Pointer(goliftFuncs[lo].typ)) == key {
		return &goliftFuncs[lo]
	}
	// A type made by FuncOf may equal one that the program has.
	for i := range goliftFuncs {
		if haveIdenticalUnderlyingType(goliftFuncs[i].typ, &t.Type, true) {
			return &goliftFuncs[i]
		}
	}
	return nil
}

//golift:replace funcLayout
func goliftFuncLayout(t *funcType, rcvr *abi.Type) (frametype *abi.Type, framePool *sync.Pool, abid abiDesc) {
	frametype, framePool, abid = funcLayout(t, rcvr)
	if _, ok := goliftFrames.Load(frametype); !ok {
		goliftFrames.Store(frametype, goliftFrame{t, rcvr != nil})
	}
	return
}

//golift:replace call
//golift:wrapper
func goliftCall(stackArgsType *abi.Type, f, stackArgs unsafe.Pointer, stackArgsSize, stackRetOffset, frameSize uint32, regArgs *abi.RegArgs) {
	v, _ := goliftFrames.Load(stackArgsType)
	frame := v.(goliftFrame)
	code, word := *(*unsafe.Pointer)(f), f
	if frame.recv {
		word, stackArgs = *(*unsafe.Pointer)(stackArgs), unsafe.Add(stackArgs, 8)
	}
	if known := goliftFuncOf(frame.typ); known != nil {
		known.call(code, word, stackArgs)
	} else {
		goliftCallUnknown(frame.typ, code, word, stackArgs)
	}
}

// Marks the makeFuncCtxt of a method value.
const goliftMethod = ^uintptr(0)

// goliftContext is the head of a func value of type t.
func goliftContext(t *funcType, argLen uintptr) makeFuncCtxt {
	if known := goliftFuncOf(t); known != nil {
		return makeFuncCtxt{fn: known.make, argLen: argLen}
	}
	made := goliftMadeUnknown
	return makeFuncCtxt{fn: goliftMadeCode(), stack: *(**bitVector)(unsafe.Pointer(&made)), argLen: argLen}
}

//go:linkname goliftMake runtime.reflect_make
//golift:wrapper
func goliftMake(ctxt, frame unsafe.Pointer) {
	var valid bool
	var regs abi.RegArgs
	if (*makeFuncCtxt)(ctxt).argLen == goliftMethod {
		callMethod((*methodValue)(ctxt), frame, &valid, &regs)
		return
	}
	callReflect((*makeFuncImpl)(ctxt), frame, &valid, &regs)
}

//golift:replace MakeFunc
func goliftMakeFunc(typ Type, fn func(args []Value) (results []Value)) Value {
	if typ.Kind() != Func {
		panic("reflect: call of MakeFunc with non-Func type")
	}
	t := typ.common()
	ftyp := (*funcType)(unsafe.Pointer(t))
	impl := &makeFuncImpl{
		makeFuncCtxt: goliftContext(ftyp, 0),
		ftyp:         ftyp,
		fn:           fn,
	}
	return Value{t, unsafe.Pointer(impl), flag(Func)}
}

//golift:replace makeMethodValue
func goliftMakeMethodValue(op string, v Value) Value {
	if v.flag&flagMethod == 0 {
		panic("reflect: internal error: invalid use of makeMethodValue")
	}
	fl := v.flag&(flagRO|flagAddr|flagIndir) | flag(v.typ().Kind())
	ftyp := (*funcType)(unsafe.Pointer(v.Type().(*rtype)))
	fv := &methodValue{
		makeFuncCtxt: goliftContext(ftyp, goliftMethod),
		method:       int(v.flag) >> flagMethodShift,
		rcvr:         Value{v.typ(), v.ptr, fl},
	}
	// Panics now if the method cannot be called.
	methodReceiver(op, fv.rcvr, fv.method)
	return Value{ftyp.Common(), unsafe.Pointer(fv), v.flag&flagRO | flag(Func)}
}

// makeFuncStub and methodValueCall are the code of all made functions and of all method values in gc: Value.Pointer gives
// their addresses. Nothing calls them here.

//go:linkname goliftMakeFuncStub reflect.makeFuncStub
func goliftMakeFuncStub() { panic("reflect: makeFuncStub is only an address in golift") }

//go:linkname goliftMethodValueCall reflect.methodValueCall
func goliftMethodValueCall() { panic("reflect: methodValueCall is only an address in golift") }
