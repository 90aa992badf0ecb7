// Code generated from golift-abi by golift-tests bless; DO NOT EDIT.

package runtime

import "unsafe"

// Numbers that compiler, Rust runtime and package runtime share.
const (
	firstStack  = 2048
	maxScalars  = 4
	maxResults  = 8
	flagWrapper = 1
)

// Why a goroutine waits.
const (
	waitZero             = 0
	waitGcAssist         = 1
	waitIo               = 2
	waitChanRecvNil      = 3
	waitChanSendNil      = 4
	waitFinalizer        = 5
	waitForceGcIdle      = 6
	waitSemacquire       = 7
	waitSleep            = 8
	waitSyncCondWait     = 9
	waitSyncMutex        = 10
	waitSyncRwR          = 11
	waitSyncRw           = 12
	waitSyncWg           = 13
	waitChanRecv         = 14
	waitChanSend         = 15
	waitSelect           = 16
	waitSelectNoCases    = 17
	waitCoroutine        = 18
	waitTimer            = 19
	waitPreempted        = 20
	waitGcWorker         = 21
	waitSynctestRun      = 22
	waitSynctestWait     = 23
	waitCleanup          = 24
	waitStoppingWorld    = 25
	waitSynctestChanRecv = 26
	waitSynctestChanSend = 27
	waitSynctestSelect   = 28
	waitSynctestWg       = 29
)

// A struct that is laid out otherwise is a negative number here, which no unsigned constant can be.
const (
	_ = -(unsafe.Offsetof(g{}.stackLo) ^ 0)
	_ = -(unsafe.Offsetof(g{}.stackHi) ^ 8)
	_ = -(unsafe.Offsetof(g{}.stackguard) ^ 16)
	_ = -(unsafe.Offsetof(g{}.m) ^ 24)
	_ = -(unsafe.Offsetof(g{}.morestack) ^ 32)
	_ = -(unsafe.Offsetof(g{}.morestackFn) ^ 40)
	_ = -(unsafe.Offsetof(g{}.morestackArgs) ^ 48)
	_ = -(unsafe.Offsetof(g{}._panic) ^ 56)
	_ = -(unsafe.Offsetof(g{}._defer) ^ 64)
	_ = -(unsafe.Offsetof(g{}.goid) ^ 72)
	_ = -(unsafe.Offsetof(g{}.schedSP) ^ 80)
	_ = -(unsafe.Offsetof(g{}.schedPC) ^ 88)
	_ = -(unsafe.Offsetof(g{}.schedFP) ^ 96)
	_ = -(unsafe.Offsetof(g{}.bounds) ^ 104)
	_ = -(unsafe.Offsetof(g{}.labels) ^ 120)
	_ = -(unsafe.Offsetof(g{}.bubble) ^ 128)
	_ = -(unsafe.Offsetof(g{}.sig) ^ 136)
	_ = -(unsafe.Offsetof(g{}.sigcode0) ^ 144)
	_ = -(unsafe.Offsetof(g{}.sigcode1) ^ 152)
	_ = -(unsafe.Offsetof(g{}.sigpc) ^ 160)
	_ = -(unsafe.Offsetof(g{}.coroarg) ^ 168)
	_ = -(unsafe.Offsetof(g{}.words) ^ 176)
	_ = -(unsafe.Offsetof(g{}.ret0) ^ 208)
	_ = -(unsafe.Offsetof(g{}.ret1) ^ 216)
	_ = -(unsafe.Sizeof(hchan{}) ^ 112)
	_ = -(unsafe.Offsetof(hchan{}.qcount) ^ 0)
	_ = -(unsafe.Offsetof(hchan{}.dataqsiz) ^ 8)
	_ = -(unsafe.Offsetof(hchan{}.buf) ^ 16)
	_ = -(unsafe.Offsetof(hchan{}.elemsize) ^ 24)
	_ = -(unsafe.Offsetof(hchan{}.closed) ^ 28)
	_ = -(unsafe.Offsetof(hchan{}.timer) ^ 32)
	_ = -(unsafe.Offsetof(hchan{}.elemtype) ^ 40)
	_ = -(unsafe.Offsetof(hchan{}.sendx) ^ 48)
	_ = -(unsafe.Offsetof(hchan{}.recvx) ^ 56)
	_ = -(unsafe.Offsetof(hchan{}.recvq) ^ 64)
	_ = -(unsafe.Offsetof(hchan{}.sendq) ^ 80)
	_ = -(unsafe.Offsetof(hchan{}.bubble) ^ 96)
	_ = -(unsafe.Offsetof(hchan{}.lock) ^ 104)
	_ = -(unsafe.Sizeof(rtTimer{}) ^ 80)
	_ = -(unsafe.Offsetof(rtTimer{}.when) ^ 0)
	_ = -(unsafe.Offsetof(rtTimer{}.period) ^ 8)
	_ = -(unsafe.Offsetof(rtTimer{}.slot) ^ 16)
	_ = -(unsafe.Offsetof(rtTimer{}.kind) ^ 24)
	_ = -(unsafe.Offsetof(rtTimer{}.pending) ^ 28)
	_ = -(unsafe.Offsetof(rtTimer{}.self) ^ 32)
	_ = -(unsafe.Offsetof(rtTimer{}.seq) ^ 40)
	_ = -(unsafe.Offsetof(rtTimer{}.fired) ^ 48)
	_ = -(unsafe.Offsetof(rtTimer{}.firedWhen) ^ 56)
	_ = -(unsafe.Offsetof(rtTimer{}.bubble) ^ 64)
	_ = -(unsafe.Offsetof(rtTimer{}.ch) ^ 72)
	_ = -(unsafe.Sizeof(synctestBubble{}) ^ 112)
	_ = -(unsafe.Offsetof(synctestBubble{}.id) ^ 0)
	_ = -(unsafe.Offsetof(synctestBubble{}.now) ^ 8)
	_ = -(unsafe.Sizeof(notifyList{}) ^ 32)
	_ = -(unsafe.Offsetof(notifyList{}.wait) ^ 0)
	_ = -(unsafe.Offsetof(notifyList{}.notify) ^ 4)
	_ = -(unsafe.Offsetof(notifyList{}.lock) ^ 8)
	_ = -(unsafe.Offsetof(notifyList{}.head) ^ 16)
	_ = -(unsafe.Offsetof(notifyList{}.tail) ^ 24)
	_ = -(unsafe.Sizeof(memBucket{}) ^ 64)
	_ = -(unsafe.Offsetof(memBucket{}.next) ^ 0)
	_ = -(unsafe.Offsetof(memBucket{}.size) ^ 8)
	_ = -(unsafe.Offsetof(memBucket{}.allocs) ^ 16)
	_ = -(unsafe.Offsetof(memBucket{}.frees) ^ 24)
	_ = -(unsafe.Offsetof(memBucket{}.nstk) ^ 32)
	_ = -(unsafe.Offsetof(memBucket{}.newAllocs) ^ 40)
	_ = -(unsafe.Offsetof(memBucket{}.chain) ^ 48)
	_ = -(unsafe.Offsetof(memBucket{}.hash) ^ 56)
	_ = -(unsafe.Sizeof(rtFrame{}) ^ 72)
	_ = -(unsafe.Offsetof(rtFrame{}.name) ^ 0)
	_ = -(unsafe.Offsetof(rtFrame{}.file) ^ 16)
	_ = -(unsafe.Offsetof(rtFrame{}.line) ^ 32)
	_ = -(unsafe.Offsetof(rtFrame{}.startLine) ^ 40)
	_ = -(unsafe.Offsetof(rtFrame{}.entry) ^ 48)
	_ = -(unsafe.Offsetof(rtFrame{}.flags) ^ 56)
	_ = -(unsafe.Offsetof(rtFrame{}.physical) ^ 64)
	_ = -(unsafe.Sizeof(stackCursor{}) ^ 16)
	_ = -(unsafe.Offsetof(stackCursor{}.pc) ^ 0)
	_ = -(unsafe.Offsetof(stackCursor{}.fp) ^ 8)
	_ = -(unsafe.Sizeof(rtStats{}) ^ 5976)
	_ = -(unsafe.Offsetof(rtStats{}.tiny) ^ 0)
	_ = -(unsafe.Offsetof(rtStats{}.heapSys) ^ 24)
	_ = -(unsafe.Offsetof(rtStats{}.stackInuse) ^ 48)
	_ = -(unsafe.Offsetof(rtStats{}.spanInuse) ^ 64)
	_ = -(unsafe.Offsetof(rtStats{}.bucketSys) ^ 96)
	_ = -(unsafe.Offsetof(rtStats{}.nextGC) ^ 120)
	_ = -(unsafe.Offsetof(rtStats{}.lastGC) ^ 152)
	_ = -(unsafe.Offsetof(rtStats{}.cpuTotal) ^ 184)
	_ = -(unsafe.Offsetof(rtStats{}.percent) ^ 200)
	_ = -(unsafe.Offsetof(rtStats{}.finalizersQueued) ^ 216)
	_ = -(unsafe.Offsetof(rtStats{}.cleanupsQueued) ^ 232)
	_ = -(unsafe.Offsetof(rtStats{}.pauseNs) ^ 248)
	_ = -(unsafe.Offsetof(rtStats{}.pauseEnd) ^ 2296)
	_ = -(unsafe.Offsetof(rtStats{}.bySize) ^ 4344)
	_ = -(unsafe.Sizeof(schedStats{}) ^ 48)
	_ = -(unsafe.Offsetof(schedStats{}.running) ^ 0)
	_ = -(unsafe.Offsetof(schedStats{}.created) ^ 32)
	_ = -(unsafe.Offsetof(schedStats{}.threads) ^ 40)
	_ = -(unsafe.Sizeof(stopTimes{}) ^ 5152)
	_ = -(unsafe.Offsetof(stopTimes{}.stopping) ^ 0)
	_ = -(unsafe.Offsetof(stopTimes{}.total) ^ 2576)
	_ = -(unsafe.Sizeof(heapDump{}) ^ 56)
	_ = -(unsafe.Offsetof(heapDump{}.fd) ^ 0)
	_ = -(unsafe.Offsetof(heapDump{}.records) ^ 8)
	_ = -(unsafe.Offsetof(heapDump{}.arch) ^ 24)
	_ = -(unsafe.Offsetof(heapDump{}.version) ^ 40)
	_ = -(unsafe.Sizeof(moduledata{}) ^ 176)
	_ = -(unsafe.Offsetof(moduledata{}.textStart) ^ 0)
	_ = -(unsafe.Offsetof(moduledata{}.functab) ^ 16)
	_ = -(unsafe.Offsetof(moduledata{}.itabs) ^ 128)
	_ = -(unsafe.Offsetof(moduledata{}.modinfo) ^ 160)
	_ = -(unsafe.Offsetof(_defer{}.link) ^ 8)
	_ = -(unsafe.Offsetof(_panic{}.link) ^ 16)
)
