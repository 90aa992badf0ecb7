// The select statement. Profiles of blocking begin here, and say in which file.

package runtime

import "unsafe"

type scase struct {
	c    *hchan
	elem unsafe.Pointer
}

const (
	selectClosed = -2
	selectParked = -3
)

// selectgo chooses one of nsends+nrecvs cases, sends first; order0 has room for twice as many
// numbers. -1: none was ready and block is false.
func selectgo(cas0 *scase, order0 *uint16, nsends, nrecvs int, block bool) (int, bool) {
	for _, cas := range unsafe.Slice(cas0, nsends+nrecvs) {
		if cas.c != nil && cas.c.bubble != nil && getg().bubble != cas.c.bubble {
			fatal("select on synctest channel from outside bubble")
		}
	}
	since := blockBegins()
	i, ok := rtSelectgo(cas0, order0, nsends, nrecvs, block)
	if i == selectParked {
		i, ok = rtSelectFinish(cas0, order0, nsends, nrecvs)
		if since != 0 {
			blockEnds(since)
		}
	}
	if i == selectClosed {
		panicSendClosed()
	}
	return i, ok != 0
}

// runtimeSelect is reflect's description of one case.
type runtimeSelect struct {
	dir int // 1 send, 2 receive, 3 default
	typ unsafe.Pointer
	ch  *hchan
	val unsafe.Pointer
}

//go:linkname reflect_rselect reflect.rselect
func reflect_rselect(cases []runtimeSelect) (int, bool) {
	if len(cases) == 0 {
		block()
	}
	sel := make([]scase, len(cases))
	orig := make([]int, len(cases))
	nsends, nrecvs, dflt := 0, 0, -1
	for i, rc := range cases {
		switch rc.dir {
		case 3:
			dflt = i
		case 1:
			sel[nsends] = scase{rc.ch, rc.val}
			orig[nsends] = i
			nsends++
		case 2:
			nrecvs++
			j := len(cases) - nrecvs
			sel[j] = scase{rc.ch, rc.val}
			orig[j] = i
		}
	}
	if nsends+nrecvs == 0 {
		return dflt, false
	}
	// Close the gap that a default case leaves between sends and receives.
	if nsends+nrecvs < len(cases) {
		copy(sel[nsends:], sel[len(cases)-nrecvs:])
		copy(orig[nsends:], orig[len(cases)-nrecvs:])
	}
	order := make([]uint16, 2*(nsends+nrecvs))
	chosen, ok := selectgo(&sel[0], &order[0], nsends, nrecvs, dflt == -1)
	if chosen < 0 {
		return dflt, ok
	}
	return orig[chosen], ok
}
