package runtime

// goexit stands for the frame below a goroutine's first function in lists of callers: programs expect that
// outermost entry, and gc has it in a file of assembly. Stack walks report it in place of the runtime's start code.
//
//go:noinline
//line asm_amd64.s:1264
func goexit() { rtGoexit() }
