// A program of "fake Go" functions for testing the runtime library without the compiler:
// C code that keeps r15 (the goroutine) untouched. Built and run by tests/runtime.rs of the repository.
#include <stddef.h>
#include <stdint.h>
typedef uintptr_t w;
typedef struct { void *code; w cap[4]; } fv;

#define GO __attribute__((section("gotext"), noinline))


void golift_newproc(void *fn, w pc, w system);
void golift_gosched(void);
void golift_exit(int);
void golift_write_err(const char *, w);
void golift_sleep(int64_t);
void golift_main_started(void);
void golift_gc_enable(void);
w golift_gc_begin(uint64_t);
void golift_gc_finish(w);
uint64_t golift_gc_cycles(void);
void *golift_malloc_fast(w, void *, w);
void *golift_malloc_slow(w, void *, w);
w golift_chansend(void *, void *, w);
w golift_chanrecv(void *, void *, w);
unsigned char golift_chansend_fast(void *, void *);
unsigned char golift_chanrecv_fast(void *, void *);
void golift_entersyscall(void);
unsigned char golift_exitsyscall_fast(void);
void golift_exitsyscall_slow(void);
void golift_throw(const char *, w, w);
w golift_semacquire(void *, w, w);
unsigned char golift_sem_waiters(void *);
void golift_semwake(void *, w);
int64_t golift_nanotime(void);
void golift_lock_os_thread(void);
void golift_unlock_os_thread(void);
typedef struct { w a, b; } pair;
pair golift_selectgo(void *, void *, w, w, w);
pair golift_select_finish(void *, void *, w, w);

struct type { w size, ptr; uint32_t hash; uint8_t tflag, align, falign, kind; void *eq; const uint8_t *gc; uint32_t str, pt; };
static const uint8_t mask2[8] = {1};
static struct type tnode = {16, 8, 1, 0, 8, 8, 25, 0, mask2, 0, 0};
static const uint8_t maskbig[8] = {1, 0, 0, 0, 0, 0, 0, 0};
static struct type tbig = {1000, 8, 1, 0, 8, 8, 25, 0, maskbig, 0, 0};
static const uint8_t maskch[16] = {0x04};
static struct type tchan = {112, 24, 1, 0, 8, 8, 25, 0, maskch, 0, 0};

struct hchan { w qcount, dataqsiz; void *buf; uint16_t elemsize; uint32_t closed; void *timer; void *et; w sendx, recvx, q[4]; w bubble; w lock; };

static struct node *roots[16];
static w roots_mask = 0xffff;
struct { w addr, words, mask; } root = {(w)roots, 16, (w)&roots_mask};
struct func { uint32_t entry, size, name, file, start, pcline, flags, frame; };
static const char strtab[] = "\0\x09main.fake\x06""fake.c";
static const uint8_t pcline[] = {1, 40, 0};
static struct func functab[1];
struct { w f[22]; } moduledata __asm__("runtime.moduledata");

static void print(const char *s) { w n = 0; while (s[n]) n++; golift_write_err(s, n); }
static void num(w v) { char b[24]; int i = 24; b[--i] = 0; do { b[--i] = '0' + v % 10; v /= 10; } while (v); print(b + i); }
static void check(int ok, const char *what) { if (!ok) { print("FAIL "); print(what); print("\n"); golift_exit(1); } }

static void *alloc(w size, void *t) {
  void *p = golift_malloc_fast(size, t, 1);
  if (p) return p;
  p = golift_malloc_slow(size, t, 1);
  if (p == (void *)1) {
    uint64_t seen = golift_gc_cycles();
    for (;;) { w r = golift_gc_begin(seen); if (r == 0) continue; if (r == 1) golift_gc_finish(0); break; }
    p = golift_malloc_slow(size, t, 3);
  }
  return p;
}
static struct hchan *mkchan(w n) {
  struct hchan *c = alloc(sizeof *c, &tchan);
  c->buf = n ? alloc(n * 8, 0) : (void *)&c->buf;
  c->elemsize = 8; c->dataqsiz = n;
  return c;
}
static void send(struct hchan *c, w v) { if (golift_chansend_fast(c, &v)) return; check(golift_chansend(c, &v, 1) == 1, "send"); }
static w recv(struct hchan *c) { w v = 0; if (golift_chanrecv_fast(c, &v)) return v; check(golift_chanrecv(c, &v, 1) == 3, "recv"); return v; }
static fv *closure(void *code, w a, w b) { static const uint8_t m[8] = {0x06}; static struct type t = {40, 24, 1, 0, 8, 8, 25, 0, m, 0, 0};
  fv *f = alloc(40, &t); f->code = code; f->cap[0] = a; f->cap[1] = b; return f; }
#define go(code, a, b) golift_newproc(closure((void *)code, (w)(a), (w)(b)), (w)__builtin_return_address(0), 0)

GO void ping(fv *f) { struct hchan *a = (void *)f->cap[0], *b = (void *)f->cap[1]; for (int i = 0; i < 20000; i++) send(b, recv(a) + 1); }
GO void echo(fv *f) { struct hchan *a = (void *)f->cap[0], *b = (void *)f->cap[1]; for (int i = 0; i < 2000; i++) send(b, recv(a) + 1); }
GO void ring(fv *f) { struct hchan *a = (void *)f->cap[0], *b = (void *)f->cap[1]; for (int i = 0; i < 100; i++) send(b, recv(a) + 1); }

struct node { struct node *next; w val; };
GO void churn(fv *f) {
  struct hchan *done = (void *)f->cap[0];
  struct node *list = 0;
  for (w r = 0; r < 5; r++) {
    list = 0;
    for (w i = 0; i < 5000; i++) {
      struct node *n = alloc(16, &tnode); n->next = list; n->val = i; list = n;
      struct node *g = alloc(1000, &tbig); g->next = n;
      if (i % 64 == 0) alloc(40000, 0);
    }
    w k = 5000;
    for (struct node *n = list; n; n = n->next) check(n->val == --k, "list value");
    check(k == 0, "list length");
  }
  send(done, 1);
}
static w mutex = 1, counter;
GO void locker(fv *f) {
  struct hchan *done = (void *)f->cap[0];
  uint32_t *s = (uint32_t *)&mutex;
  for (int i = 0; i < 2000; i++) {
    for (;;) {
      uint32_t v = __atomic_load_n(s, 2);
      if (v && __atomic_compare_exchange_n(s, &v, v - 1, 0, 4, 0)) break;
      if (!v && golift_semacquire(s, 0, 7)) break;
    }
    counter++;
    if (i % 100 == 0) golift_gosched();
    __atomic_add_fetch(s, 1, 5);
    if (golift_sem_waiters(s)) golift_semwake(s, i & 1);
  }
  send(done, 1);
}
GO void sleeper(fv *f) { golift_sleep((int64_t)f->cap[1] * 1000000); send((void *)f->cap[0], 1); }
GO void selecter(fv *f) {
  struct { void *c; void *e; } cas[2]; uint16_t order[4]; w sum = 0; w v[2];
  for (int i = 0; i < 20000; i++) {
    cas[0].c = (void *)f->cap[0]; cas[0].e = &v[0]; cas[1].c = (void *)f->cap[1]; cas[1].e = &v[1];
    pair r = golift_selectgo(cas, order, 0, 2, 1);
    if ((int64_t)r.a == -3) r = golift_select_finish(cas, order, 0, 2);
    check((int64_t)r.a >= 0 && r.b, "select");
    sum += v[r.a];
  }
  check(sum == 20000, "select sum");
  roots[3] = (void *)1;
}
GO void producer(fv *f) { for (int i = 0; i < 10000; i++) send((void *)f->cap[0], 1); }
GO void blocker(fv *f) { recv((void *)f->cap[0]); send((void *)f->cap[1], 1); }
GO void spin(fv *f) { volatile w *p = (void *)&roots[5]; while (!*p) ; send((void *)f->cap[0], 1); }
GO void sys(fv *f) {
  for (int i = 0; i < 200; i++) {
    golift_entersyscall();
    int64_t ts[2] = {0, 100000}; __asm__ volatile("syscall" : : "a"(35), "D"(ts), "S"(0) : "rcx", "r11", "memory");
    if (!golift_exitsyscall_fast()) golift_exitsyscall_slow();
  }
  send((void *)f->cap[0], 1);
}

// Deep recursion through morestack: the stack check in front and its word behind the function are written out.
w deep(w n, w a2, w a3, w a4, w a5, w a6, w s1, w s2);
__asm__(".section gotext,\"ax\"\n deep:\n"
  "cmp rsp, [r15+16]\n jbe 1f\n"
  "push rbp\n mov rbp, rsp\n push rbx\n sub rsp, 88\n"
  "mov rbx, rdi\n xor eax, eax\n test rdi, rdi\n jz 2f\n"
  "lea rdi, [rdi-1]\n"
  "mov rax, [rbp+24]\n push rax\n mov rax, [rbp+16]\n inc rax\n push rax\n call deep\n"   // callee pops 16
  "add rax, 1\n"
  "jmp 3f\n"
  "2: mov rax, [rbp+16]\n add rax, [rbp+24]\n"
  "3: add rsp, 88\n pop rbx\n pop rbp\n ret 16\n"
  // 128 bytes of stack, 16 of arguments.
  "1: lea r10, [rip+4f]\n jmp [r15+32]\n"
  ".p2align 3\n 4: .quad (4b-deep) | (2 << 28) | (1 << 52)\n"
  ".text\n");
w call_deep(w n);
__asm__(".text\n call_deep:\n push rbp\n mov rbp, rsp\n push 1000\n push 7\n call deep\n pop rbp\n ret\n");
GO void recurse(fv *f) {
  for (int i = 0; i < 3; i++) { w r = call_deep(f->cap[1]); check(r == 2 * f->cap[1] + 1007, "deep result"); }
  send((void *)f->cap[0], 1);
}

GO void bounce(fv *f) { for (int i = 0; i < 20000; i++) { for (w k = 40; k < 100; k += 20) call_deep(k); } send((void *)f->cap[0], 1); }

#define STEP(name) print(name); t0 = golift_nanotime()
#define DONE() print(" "); num((golift_nanotime() - t0) / 1000); print(" us\n")
GO void go_main(void) __asm__("runtime.main");
GO void go_main(void) {
  int64_t t0;
  golift_main_started(); golift_gc_enable();
  struct hchan *done = mkchan(0); roots[0] = (void *)done;
  STEP("pingpong"); { struct hchan *a = mkchan(0), *b = mkchan(0); go(ping, a, b); for (w i = 0; i < 20000; i++) { send(a, i); check(recv(b) == i + 1, "ping"); } } DONE();
  STEP("locked"); { struct hchan *a = mkchan(0), *b = mkchan(0); golift_lock_os_thread(); go(echo, a, b); for (w i = 0; i < 2000; i++) { send(a, i); check(recv(b) == i + 1, "echo"); } golift_sleep(3000000);
    while (golift_gc_begin(golift_gc_cycles()) != 1); golift_gc_finish(1); golift_unlock_os_thread(); } DONE();
  STEP("ring"); { struct hchan *first = mkchan(0), *c = first; for (int i = 0; i < 2000; i++) { struct hchan *n = mkchan(0); go(ring, c, n); c = n; }
    w v = 0; for (int i = 0; i < 100; i++) { send(first, v); v = recv(c); } check(v == 200000, "ring"); } DONE();
  STEP("churn"); for (int i = 0; i < 8; i++) go(churn, done, 0); for (int i = 0; i < 8; i++) recv(done); DONE();
  print("cycles "); num(golift_gc_cycles()); print("\n");
  STEP("sema"); for (int i = 0; i < 50; i++) go(locker, done, 0); for (int i = 0; i < 50; i++) recv(done); check(counter == 100000, "counter"); DONE();
  STEP("sleep"); for (int i = 0; i < 1000; i++) go(sleeper, done, i % 20); for (int i = 0; i < 1000; i++) recv(done); DONE();
  STEP("select"); { struct hchan *a = mkchan(0), *b = mkchan(3); go(producer, a, 0); go(producer, b, 0); go(selecter, a, b); while (!*(volatile w *)&roots[3]) golift_gosched(); roots[3] = 0; } DONE();
  STEP("blocked 20k"); { struct hchan *a = mkchan(0); for (int i = 0; i < 20000; i++) go(blocker, a, done); golift_sleep(1000000);
    for (int k = 0; k < 3; k++) { while (golift_gc_begin(golift_gc_cycles()) != 1); golift_gc_finish(1); }
    for (int i = 0; i < 20000; i++) { send(a, 1); recv(done); } } DONE();
  STEP("syscall"); for (int i = 0; i < 20; i++) go(sys, done, 0); for (int i = 0; i < 20; i++) recv(done); DONE();
  STEP("deep"); go(recurse, done, 10); recv(done); go(recurse, done, 200000); recv(done); for (int i = 0; i < 20; i++) go(recurse, done, 5000); for (int i = 0; i < 20; i++) recv(done); DONE();
  STEP("split"); go(bounce, done, 0); recv(done); DONE();
  STEP("spin"); go(spin, done, 0); golift_sleep(30000000);
  while (golift_gc_begin(golift_gc_cycles()) != 1); golift_gc_finish(1);
  roots[5] = (void *)16; recv(done); roots[5] = 0; DONE();
  print("ok\n");
  if (golift_gc_cycles() > 1000000) return;
  go(blocker, mkchan(0), done); // its stack must be in the report
  recv(done); // deadlock
}
GO void go_goexit(void) __asm__("runtime.goexit");
GO void go_goexit(void) { golift_exit(3); }
GO void go_sigpanic(void) __asm__("runtime.sigpanic");
GO void go_sigpanic(void) { print("sigpanic\n"); golift_exit(3); }

__attribute__((constructor)) static void dummy(void) {}
void fill(void);
// The linker would write this table; here the entry code does.
__asm__(".globl fake_entry\n fake_entry:\n mov rbx, rsp\n and rsp, -16\n call fill\n mov rsp, rbx\n jmp _rt0_amd64_linux\n");
extern char gotext_start[] __asm__("__start_gotext"), gotext_end[] __asm__("__stop_gotext");
void fill(void) {
  functab[0] = (struct func){0, (uint32_t)(gotext_end - gotext_start), 1, 11, 1, 0, 0, 0};
  // Without tables of frames: these are scanned as a whole.
  w v[22] = {(w)gotext_start, (w)gotext_end, (w)functab, 1, (w)pcline, 0, 0, (w)strtab, 0, 0, (w)&root, 1};
  for (int i = 0; i < 22; i++) moduledata.f[i] = v[i];
}
