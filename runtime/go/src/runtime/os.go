package runtime

import (
	"internal/bytealg"
	"internal/godebugs"
	"internal/runtime/atomic"
	"internal/strconv"
	"unsafe"
)

// --- arguments and environment ------------------------------------------------------------------

var (
	argslice []string
	envs     []string
)

func cstrings(n int, p **byte) []string {
	list := make([]string, n)
	for i := range list {
		list[i] = gostringnocopy(*(**byte)(add(unsafe.Pointer(p), uintptr(i)*8)))
	}
	return list
}

func goargs() {
	n, p := rtArgs()
	argslice = cstrings(n, p)
}

func goenvs() {
	n, p := rtEnvs()
	envs = cstrings(n, p)
}

// godebugEnv is GODEBUG before goenvs has run.
func godebugEnv() string {
	n, p := rtEnvs()
	const key = "GODEBUG="
	for i := 0; i < n; i++ {
		s := gostringnocopy(*(**byte)(add(unsafe.Pointer(p), uintptr(i)*8)))
		if len(s) >= len(key) && s[:len(key)] == key {
			return s[len(key):]
		}
	}
	return ""
}

func gogetenv(key string) string {
	for _, e := range envs {
		if len(e) > len(key) && e[len(key)] == '=' && e[:len(key)] == key {
			return e[len(key)+1:]
		}
	}
	return ""
}

//go:linkname os_runtime_args os.runtime_args
func os_runtime_args() []string { return append([]string{}, argslice...) }

//go:linkname syscall_runtime_envs syscall.runtime_envs
func syscall_runtime_envs() []string { return append([]string{}, envs...) }

//go:linkname syscall_Getpagesize syscall.Getpagesize
func syscall_Getpagesize() int { return 4096 }

//go:linkname syscall_runtimeSetenv syscall.runtimeSetenv
func syscall_runtimeSetenv(key, value string) {
	if key == "GODEBUG" {
		godebugChanged(value)
	}
}

//go:linkname syscall_runtimeUnsetenv syscall.runtimeUnsetenv
func syscall_runtimeUnsetenv(key string) {
	if key == "GODEBUG" {
		godebugChanged("")
	}
}

//go:linkname syscall_runtimeClearenv syscall.runtimeClearenv
func syscall_runtimeClearenv(env map[string]int) {
	if _, ok := env["GODEBUG"]; ok {
		godebugChanged("")
	}
}

// --- internal/godebug -----------------------------------------------------------------------------

var godebugUpdate func(string, string)

func init() {
	// Not in main, where the table is not there yet.
	refuseRemovedGodebug(gogetenv("GODEBUG"))
}

// refuseRemovedGodebug ends the program if a setting asks for behaviour that Go no longer has.
func refuseRemovedGodebug(settings string) {
	for settings != "" {
		end := 0
		for end < len(settings) && settings[end] != ',' {
			end++
		}
		setting := settings[:end]
		settings = settings[min(end+1, len(settings)):]
		eq := 0
		for eq < len(setting) && setting[eq] != '=' {
			eq++
		}
		if eq == len(setting) {
			continue
		}
		name, value := setting[:eq], setting[eq+1:]
		for _, info := range godebugs.Removed {
			if info.Name == name && info.Old(value) {
				fatal(`removed GODEBUG "` + name + `" set to old value "` + value + `" in environment (https://go.dev/doc/godebug#go-1` + strconv.Itoa(info.Removed) + `)`)
			}
		}
	}
}

// godebugDefault is what the program was built with; the linker sets it.
var godebugDefault string

// godebugChanged is called at the start and whenever the environment's GODEBUG has changed.
func godebugChanged(env string) {
	value, ok := godebugSetting(env, "panicnil")
	if !ok {
		value, _ = godebugSetting(godebugDefault, "panicnil")
	}
	panicnilAllowed.Store(value == "1")
	value, ok = godebugSetting(env, "tracebacklabels")
	if !ok {
		value, ok = godebugSetting(godebugDefault, "tracebacklabels")
	}
	rtTracebackLabels(!ok || value == "1")
	if godebugUpdate != nil {
		godebugUpdate(godebugDefault, env)
	}
}

// godebugSetting finds the last setting of a name in name=value,…
func godebugSetting(settings, name string) (value string, ok bool) {
	for settings != "" {
		var one string
		if i := bytealg.IndexByteString(settings, ','); i >= 0 {
			one, settings = settings[:i], settings[i+1:]
		} else {
			one, settings = settings, ""
		}
		if len(one) > len(name) && one[len(name)] == '=' && one[:len(name)] == name {
			value, ok = one[len(name)+1:], true
		}
	}
	return
}

//go:linkname godebug_setUpdate internal/godebug.setUpdate
func godebug_setUpdate(update func(string, string)) {
	godebugUpdate = update
	update(godebugDefault, gogetenv("GODEBUG"))
}

//go:linkname godebug_setNewIncNonDefault internal/godebug.setNewIncNonDefault
func godebug_setNewIncNonDefault(newInc func(string) func()) { newIncNonDefault = newInc }

// newIncNonDefault makes the function that counts uses of a setting, in programs that can tell the count.
var newIncNonDefault func(name string) func()

// panicnilUsed counts a panic(nil) that GODEBUG=panicnil=1 allowed.
func panicnilUsed() {
	if newIncNonDefault != nil {
		newIncNonDefault("panicnil")()
	}
}

// --- auxiliary vector and CPU -------------------------------------------------------------------

// getAuxv is for golang.org/x/sys/cpu.
//
//go:linkname getAuxv
func getAuxv() []uintptr {
	p := rtAuxv()
	var list []uintptr
	for i := uintptr(0); ; i++ {
		e := (*[2]uintptr)(add(unsafe.Pointer(p), i*16))
		if e[0] == 0 {
			return list
		}
		list = append(list, e[0], e[1])
	}
}

//go:linkname vendor_getAuxv vendor/golang.org/x/sys/cpu.runtime_getAuxv
func vendor_getAuxv() []uintptr { return getAuxv() }

// --- system calls -----------------------------------------------------------------------------------

// linux_Syscall6 is a raw system call with Linux's error convention.
func linux_Syscall6(num, a1, a2, a3, a4, a5, a6 uintptr) (r1, r2, errno uintptr) {
	args := [7]uintptr{num, a1, a2, a3, a4, a5, a6}
	r1, r2 = rtSyscall6((*[7]uintptr)(noescape(unsafe.Pointer(&args))))
	return syscallResults(r1, r2)
}

// syscallResults tells an error from a result in what the kernel returned.
func syscallResults(r1, r2 uintptr) (_, _, errno uintptr) {
	if r1 > ^uintptr(4095) {
		return ^uintptr(0), 0, -r1
	}
	return r1, r2, 0
}

// fcntl is pulled by internal/syscall/unix.
func fcntl(fd, cmd, arg int32) (ret int32, errno int32) {
	r, _, e := linux_Syscall6(72, uintptr(fd), uintptr(cmd), uintptr(arg), 0, 0, 0)
	return int32(r), int32(e)
}

//go:linkname entersyscall
//go:linkname exitsyscall

func exitsyscall() {
	if !rtExitsyscallFast() {
		rtExitsyscallSlow()
	}
}

//go:linkname syscall_entersyscall syscall.runtime_entersyscall
func syscall_entersyscall() { entersyscall() }

//go:linkname syscall_exitsyscall syscall.runtime_exitsyscall
func syscall_exitsyscall() { exitsyscall() }

//go:linkname syscall_runtime_BeforeFork syscall.runtime_BeforeFork
func syscall_runtime_BeforeFork() { rtBeforeFork() }

//go:linkname syscall_runtime_AfterFork syscall.runtime_AfterFork
func syscall_runtime_AfterFork() { rtAfterFork() }

//go:linkname syscall_runtime_AfterForkInChild syscall.runtime_AfterForkInChild
func syscall_runtime_AfterForkInChild() { rtAfterForkInChild() }

//go:linkname syscall_runtime_BeforeExec syscall.runtime_BeforeExec
func syscall_runtime_BeforeExec() { rtBeforeExec() }

//go:linkname syscall_runtime_AfterExec syscall.runtime_AfterExec
func syscall_runtime_AfterExec() { rtAfterExec() }

//go:linkname syscall_runtime_doAllThreadsSyscall syscall.runtime_doAllThreadsSyscall
func syscall_runtime_doAllThreadsSyscall(trap, a1, a2, a3, a4, a5, a6 uintptr) (r1, r2, err uintptr) {
	args := [7]uintptr{trap, a1, a2, a3, a4, a5, a6}
	var result uintptr
	for !rtAllThreadsSyscall(&args, &result) {
	}
	// The kernel returns one word; the second is the register of the third argument, which it keeps.
	return syscallResults(result, a3)
}

//go:linkname syscall_cgocaller syscall.cgocaller
func syscall_cgocaller(fn unsafe.Pointer, args ...uintptr) uintptr {
	throw("cgo call in a program without cgo")
	return 0
}

//go:linkname syscall_hasWaitingReaders syscall.hasWaitingReaders
func syscall_hasWaitingReaders(rw unsafe.Pointer) bool {
	// sync.RWMutex: w Mutex (8 bytes), writerSem, readerSem, readerCount, readerWait.
	const maxReaders = 1 << 30
	n := atomic.Loadint32((*int32)(add(rw, 16)))
	return n < 0 && n+maxReaders > 0
}

// --- signals -----------------------------------------------------------------------------------------

//go:linkname signal_recv os/signal.signal_recv
func signal_recv() uint32 {
	entersyscall()
	rtHandoff()
	sig := rtSigrecv()
	exitsyscall()
	return sig
}

// rtHandoff gives the P away at once: the call will block.
func rtHandoff() { rtHandoffSyscallP() }

//go:linkname signalWaitUntilIdle os/signal.signalWaitUntilIdle
func signalWaitUntilIdle() {
	for !rtSigrecvIdle() {
		Gosched()
	}
}

//go:linkname signal_enable os/signal.signal_enable
func signal_enable(sig uint32) { rtSignalEnable(sig) }

//go:linkname signal_disable os/signal.signal_disable
func signal_disable(sig uint32) { rtSignalDisable(sig) }

//go:linkname signal_ignore os/signal.signal_ignore
func signal_ignore(sig uint32) { rtSignalIgnore(sig) }

//go:linkname signal_ignored os/signal.signal_ignored
func signal_ignored(sig uint32) bool { return rtSignalIgnored(sig) }

//go:linkname os_sigpipe os.sigpipe
func os_sigpipe() { rtSigpipe() }

//go:linkname os_ignoreSIGSYS os.ignoreSIGSYS
func os_ignoreSIGSYS() { rtIgnoreSigsys(true) }

//go:linkname os_restoreSIGSYS os.restoreSIGSYS
func os_restoreSIGSYS() { rtIgnoreSigsys(false) }

// --- random numbers ------------------------------------------------------------------------------------

//go:linkname rand

//go:linkname bootstrapRand
func bootstrapRand() uint64 { return rand() }

//go:linkname maps_rand internal/runtime/maps.rand
func maps_rand() uint64 { return rand() }

//go:linkname cheaprand
func cheaprand() uint32 { return uint32(rand() >> 32) }

//go:linkname cheaprandn
func cheaprandn(n uint32) uint32 { return uint32((uint64(cheaprand()) * uint64(n)) >> 32) }

//go:linkname rand32
func rand32() uint32 { return uint32(rand() >> 32) }

//go:linkname randn
func randn(n uint32) uint32 { return cheaprandn(n) }

//go:linkname legacy_fastrand runtime.fastrand
func legacy_fastrand() uint32 { return cheaprand() }

//go:linkname legacy_fastrandn runtime.fastrandn
func legacy_fastrandn(n uint32) uint32 { return cheaprandn(n) }

//go:linkname vgetrandom internal/syscall/unix.vgetrandom
func vgetrandom(p []byte, flags uint32) (ret int, supported bool) { return -1, false }

// --- DIT, FIPS, and other small hooks ------------------------------------------------------------------

//go:linkname dit_setEnabled crypto/subtle.setDITEnabled
func dit_setEnabled() bool { return false }

//go:linkname dit_setDisabled crypto/subtle.setDITDisabled
func dit_setDisabled() {}

//go:linkname fips_getIndicator crypto/internal/fips140.getIndicator
func fips_getIndicator() uint8 { return uint8(uintptr(getg().words[0])) }

//go:linkname fips_setIndicator crypto/internal/fips140.setIndicator
func fips_setIndicator(i uint8) { getg().words[0] = unsafe.Pointer(uintptr(i)) }

//go:linkname fipsbypass_set crypto/fips140.setBypass
func fipsbypass_set() { getg().words[1] = unsafe.Pointer(uintptr(1)) }

//go:linkname fipsbypass_unset crypto/fips140.unsetBypass
func fipsbypass_unset() { getg().words[1] = nil }

//go:linkname fipsbypass_is crypto/fips140.isBypassed
func fipsbypass_is() bool { return getg().words[1] != nil }

//go:linkname boring_registerCache crypto/internal/boring/bcache.registerCache
func boring_registerCache(p unsafe.Pointer) { boringCaches = append(boringCaches, p) }

var boringCaches []unsafe.Pointer
