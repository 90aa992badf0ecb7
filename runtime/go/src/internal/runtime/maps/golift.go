package maps

// goliftAlgInit seeds the portable hash functions; there is no assembly for the AES ones.
//
//golift:replace AlgInit
func goliftAlgInit() {
	for i := range hashkey {
		hashkey[i] = uintptr(bootstrapRand())
	}
}
