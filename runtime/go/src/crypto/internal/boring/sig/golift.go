package sig

import _ "unsafe" // for linkname

// The functions mark executables; there is nothing to mark ours with.

//go:linkname golift_BoringCrypto crypto/internal/boring/sig.BoringCrypto
func golift_BoringCrypto() {}

//go:linkname golift_FIPSOnly crypto/internal/boring/sig.FIPSOnly
func golift_FIPSOnly() {}

//go:linkname golift_StandardCrypto crypto/internal/boring/sig.StandardCrypto
func golift_StandardCrypto() {}
