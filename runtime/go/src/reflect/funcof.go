// Calls of and by functions whose types only FuncOf has made, so that the compiler could make no adapters.
//
// This is the compiler's calling convention (golift-lower, abi.rs; golift_abi::call) once more, for types that are known
// at run time only. A value of at most goliftMaxScalars scalars is passed as these, any other as the address of a copy. First comes the word of
// the func value or receiver, then, if the results do not fit into registers, the address where they go, then the arguments.
// Integers and floats take registers of their own; what is left over lies on the stack, eight bytes each. The assembly is in
// runtime/rt/src/arch/x86_64_reflect.rs.

package reflect

import (
	"internal/abi"
	"sync"
	"unsafe"
)

const (
	// Scalars that a value is passed as, at most.
	goliftMaxScalars = 4
	// Registers of each kind: for arguments, and for results.
	goliftIntArgs    = 6
	goliftFloatArgs  = 8
	goliftMaxResults = 8
)

// goliftBlock is what the assembly fills registers from and notes them in.
type goliftBlock struct {
	ints   [goliftMaxResults]uintptr
	floats [goliftMaxResults]uintptr
	goliftCallee
}

// goliftCallee is the part of the block that only calls have.
type goliftCallee struct {
	code  unsafe.Pointer
	stack unsafe.Pointer
	bytes uintptr
}

//go:noescape
//golift:rust golift_reflect_call
func goliftCallBlock(b *goliftBlock)

//golift:rust golift_reflect_made_code
func goliftMadeCode() uintptr

// goliftPart is a scalar of an argument or result, or all of one that is passed by address.
type goliftPart struct {
	// In the frame that funcLayout describes.
	off, size uintptr
	class     uint8
	// Where it is passed: at an offset of the block, or of the words on the stack.
	onStack bool
	at      uintptr
	typ     *abi.Type // of a goliftMemory
}

const (
	goliftInt = iota
	goliftPointer
	goliftFloat
	goliftMemory
)

// goliftPlan says how the functions of a type are called.
type goliftPlan struct {
	args, results []goliftPart
	// Results go to memory of the caller, where they lie as in the frame from resultsAt on.
	inMemory  bool
	resultsAt uintptr
	// Words of arguments on the stack, an even number.
	words uintptr
}

var goliftPlans sync.Map // map[*funcType]*goliftPlan

func goliftPlanOf(t *funcType) *goliftPlan {
	if plan, ok := goliftPlans.Load(t); ok {
		return plan.(*goliftPlan)
	}
	plan := new(goliftPlan)
	off := uintptr(0)
	place := func(list []*abi.Type) (parts []goliftPart) {
		for _, typ := range list {
			off = align(off, uintptr(typ.Align_))
			parts = goliftAppendParts(parts, typ, off)
			off += typ.Size_
		}
		return parts
	}
	plan.args = place(t.InSlice())
	off = align(off, 8)
	plan.resultsAt = off
	plan.results = place(t.OutSlice())

	var results goliftRegisters
	for i := range plan.results {
		part := &plan.results[i]
		plan.inMemory = plan.inMemory || part.class == goliftMemory || !results.take(part, goliftMaxResults, goliftMaxResults)
	}
	args := goliftRegisters{ints: 1}
	if plan.inMemory {
		args.ints = 2
	}
	for i := range plan.args {
		if part := &plan.args[i]; !args.take(part, goliftIntArgs, goliftFloatArgs) {
			part.onStack, part.at = true, 8*plan.words
			plan.words++
		}
	}
	plan.words = align(plan.words, 2)
	stored, _ := goliftPlans.LoadOrStore(t, plan)
	return stored.(*goliftPlan)
}

// goliftAppendParts appends what a value of type t at off is passed as.
func goliftAppendParts(parts []goliftPart, t *abi.Type, off uintptr) []goliftPart {
	n := len(parts)
	parts, ok := goliftAppendScalars(parts, n, t, off)
	if !ok {
		return append(parts[:n], goliftPart{off: off, size: t.Size_, class: goliftMemory, typ: t})
	}
	return parts
}

// goliftAppendScalars appends the scalars of a value, of which those from n on are part. It says false if it is none of so few scalars.
func goliftAppendScalars(parts []goliftPart, n int, t *abi.Type, off uintptr) ([]goliftPart, bool) {
	scalar := func(at, size uintptr, class uint8) {
		parts = append(parts, goliftPart{off: off + at, size: size, class: class})
	}
	switch t.Kind() {
	case abi.Float32, abi.Float64:
		scalar(0, t.Size_, goliftFloat)
	case abi.Complex64, abi.Complex128:
		half := t.Size_ / 2
		scalar(0, half, goliftFloat)
		scalar(half, half, goliftFloat)
	case abi.String:
		scalar(0, 8, goliftPointer)
		scalar(8, 8, goliftInt)
	case abi.Slice:
		scalar(0, 8, goliftPointer)
		scalar(8, 8, goliftInt)
		scalar(16, 8, goliftInt)
	case abi.Interface:
		scalar(0, 8, goliftPointer)
		scalar(8, 8, goliftPointer)
	case abi.Chan, abi.Func, abi.Map, abi.Pointer, abi.UnsafePointer:
		scalar(0, 8, goliftPointer)
	case abi.Array:
		array := (*arrayType)(unsafe.Pointer(t))
		if array.Len == 0 || array.Len > 1 && array.Elem.Size_ == 0 {
			return parts, true
		}
		if array.Len > 1 {
			return parts, false
		}
		return goliftAppendScalars(parts, n, array.Elem, off)
	case abi.Struct:
		for _, field := range (*structType)(unsafe.Pointer(t)).Fields {
			ok := false
			if parts, ok = goliftAppendScalars(parts, n, field.Typ, off+field.Offset); !ok {
				return parts, false
			}
		}
	default:
		scalar(0, t.Size_, goliftInt)
	}
	return parts, len(parts)-n <= goliftMaxScalars
}

// goliftRegisters counts registers that are taken.
type goliftRegisters struct {
	ints, floats uintptr
}

// take gives the part the next register of its kind, if there is one.
func (r *goliftRegisters) take(part *goliftPart, ints, floats uintptr) bool {
	n, most, base := &r.ints, ints, unsafe.Offsetof(goliftBlock{}.ints)
	if part.class == goliftFloat {
		n, most, base = &r.floats, floats, unsafe.Offsetof(goliftBlock{}.floats)
	}
	if *n == most {
		return false
	}
	part.at = base + 8**n
	*n++
	return true
}

// place is where it is passed.
func (part *goliftPart) place(b *goliftBlock, stack unsafe.Pointer) unsafe.Pointer {
	if part.onStack {
		return unsafe.Add(stack, part.at)
	}
	return unsafe.Add(unsafe.Pointer(b), part.at)
}

// pass copies a scalar from the frame to its place; what is above it is zero there.
func (part *goliftPart) pass(place, frame unsafe.Pointer) {
	p, word := unsafe.Add(frame, part.off), (*uintptr)(place)
	switch part.size {
	case 1:
		*word = uintptr(*(*uint8)(p))
	case 2:
		*word = uintptr(*(*uint16)(p))
	case 4:
		*word = uintptr(*(*uint32)(p))
	default:
		*word = *(*uintptr)(p)
	}
}

// receive copies a scalar from its place to the frame.
func (part *goliftPart) receive(place, frame unsafe.Pointer) {
	p, word := unsafe.Add(frame, part.off), (*uintptr)(place)
	switch {
	case part.class == goliftPointer:
		*(*unsafe.Pointer)(p) = *(*unsafe.Pointer)(place)
	case part.size == 1:
		*(*uint8)(p) = uint8(*word)
	case part.size == 2:
		*(*uint16)(p) = uint16(*word)
	case part.size == 4:
		*(*uint32)(p) = uint32(*word)
	default:
		*(*uintptr)(p) = *word
	}
}

// goliftCallUnknown calls code(word, arguments of frame...), results to frame. The block holds addresses as numbers: it lies on the stack, where the
// collector takes them for addresses too, and the frame keeps the arguments.
//
//golift:wrapper
func goliftCallUnknown(t *funcType, code, word, frame unsafe.Pointer) {
	plan := goliftPlanOf(t)
	var b goliftBlock
	b.code, b.bytes = code, 8*plan.words
	if plan.words > 0 {
		b.stack = unsafe.Pointer(unsafe.SliceData(make([]uintptr, plan.words)))
	}
	b.ints[0] = uintptr(word)
	if plan.inMemory {
		b.ints[1] = uintptr(unsafe.Add(frame, plan.resultsAt))
	}
	for i := range plan.args {
		part := &plan.args[i]
		if place := part.place(&b, b.stack); part.class == goliftMemory {
			// The copy in the frame is nobody else's.
			*(*uintptr)(place) = uintptr(unsafe.Add(frame, part.off))
		} else {
			part.pass(place, frame)
		}
	}
	goliftCallBlock(&b)
	if !plan.inMemory {
		for i := range plan.results {
			part := &plan.results[i]
			part.receive(part.place(&b, nil), frame)
		}
	}
}

// goliftMadeUnknown is what func values call that goliftContext has made for such types: the arguments go to a frame for goliftMake, the results into
// the block. It returns the bytes of arguments on the stack.
//
//golift:wrapper
func goliftMadeUnknown(ctxt unsafe.Pointer, b *goliftBlock, stack unsafe.Pointer) uintptr {
	var t *funcType
	if (*makeFuncCtxt)(ctxt).argLen == goliftMethod {
		method := (*methodValue)(ctxt)
		_, t, _ = methodReceiver("call", method.rcvr, method.method)
	} else {
		t = (*makeFuncImpl)(ctxt).ftyp
	}
	plan := goliftPlanOf(t)
	frameType, _, _ := funcLayout(t, nil)
	frame := unsafe_New(frameType)
	results := *(*unsafe.Pointer)(unsafe.Pointer(&b.ints[1]))
	for i := range plan.args {
		part := &plan.args[i]
		if place := part.place(b, stack); part.class == goliftMemory {
			typedmemmove(part.typ, unsafe.Add(frame, part.off), *(*unsafe.Pointer)(place))
		} else {
			part.receive(place, frame)
		}
	}
	goliftMake(ctxt, frame)
	if plan.inMemory {
		off := plan.resultsAt
		for _, typ := range t.OutSlice() {
			off = align(off, uintptr(typ.Align_))
			typedmemmove(typ, unsafe.Add(results, off-plan.resultsAt), unsafe.Add(frame, off))
			off += typ.Size_
		}
	} else {
		for i := range plan.results {
			part := &plan.results[i]
			part.pass(part.place(b, nil), frame)
		}
	}
	return 8 * plan.words
}
