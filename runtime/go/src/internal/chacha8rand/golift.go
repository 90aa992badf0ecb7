package chacha8rand

import _ "unsafe" // for linkname

//go:linkname golift_block internal/chacha8rand.block
func golift_block(seed *[4]uint64, blocks *[32]uint64, counter uint32) {
	block_generic(seed, blocks, counter)
}
