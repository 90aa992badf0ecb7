package cpu

//golift:rust golift_cpuid
//go:noescape
func rtCpuid(eaxArg, ecxArg uint32, out *[4]uint32)

//golift:rust golift_xgetbv
func rtXgetbv() (eax, edx uint32)

//golift:replace cpuid
func golift_cpuid(eaxArg, ecxArg uint32) (eax, ebx, ecx, edx uint32) {
	var out [4]uint32
	rtCpuid(eaxArg, ecxArg, &out)
	return out[0], out[1], out[2], out[3]
}

//golift:replace xgetbv
func golift_xgetbv() (eax, edx uint32) {
	return rtXgetbv()
}
