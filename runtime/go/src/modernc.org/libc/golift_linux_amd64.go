package libc

import _ "unsafe" // for linkname

// What tls_linux_amd64.s forwards to. Versions without that file have none of these functions, so they are pulled by name.

//go:linkname golift_tlsAlloc modernc.org/libc.tlsAlloc
func golift_tlsAlloc(tls *TLS, n int) uintptr

//go:linkname golift_tlsFree modernc.org/libc.tlsFree
func golift_tlsFree(tls *TLS, n int)

//go:linkname golift_tlsAllocaEntry modernc.org/libc.tlsAllocaEntry
func golift_tlsAllocaEntry(tls *TLS)

//go:linkname golift_tlsAllocaExit modernc.org/libc.tlsAllocaExit
func golift_tlsAllocaExit(tls *TLS)

//golift:replace TLSAlloc
func golift_TLSAlloc(tls *TLS, n int) uintptr { return golift_tlsAlloc(tls, n) }

//golift:replace TLSFree
func golift_TLSFree(tls *TLS, n int) { golift_tlsFree(tls, n) }

//golift:replace TLSAllocaEntry
func golift_TLSAllocaEntry(tls *TLS) { golift_tlsAllocaEntry(tls) }

//golift:replace TLSAllocaExit
func golift_TLSAllocaExit(tls *TLS) { golift_tlsAllocaExit(tls) }
