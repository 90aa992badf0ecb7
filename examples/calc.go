// Calc is an interpreter for a small language of expressions: lexer, parser with precedences, syntax tree behind an
// interface, variables, functions, and errors by panic and recover.
package main

import (
	"bufio"
	"errors"
	"fmt"
	"math"
	"os"
	"strconv"
	"strings"
	"unicode"
)

type env struct {
	vars  map[string]float64
	funcs map[string]*function
	depth int
}

type function struct {
	params []string
	body   expr
}

type expr interface {
	eval(*env) float64
	fmt.Stringer
}

type (
	number   float64
	variable string
	unary    struct {
		op byte
		x  expr
	}
	binary struct {
		op   string
		l, r expr
	}
	call struct {
		name string
		args []expr
	}
	conditional struct{ cond, then, other expr }
	assign      struct {
		name  string
		value expr
	}
)

type evalError struct{ msg string }

func (e evalError) Error() string { return "evaluation: " + e.msg }

func fail(format string, args ...any) float64 { panic(evalError{fmt.Sprintf(format, args...)}) }

var builtins = map[string]func(float64) float64{"sqrt": math.Sqrt, "sin": math.Sin, "abs": math.Abs, "floor": math.Floor, "ln": math.Log, "exp": math.Exp}

func (n number) eval(*env) float64 { return float64(n) }
func (v variable) eval(e *env) float64 {
	if value, ok := e.vars[string(v)]; ok {
		return value
	}
	return fail("undefined: %s", string(v))
}
func (u unary) eval(e *env) float64 {
	if u.op == '-' {
		return -u.x.eval(e)
	}
	return truth(u.x.eval(e) == 0)
}
func truth(b bool) float64 {
	if b {
		return 1
	}
	return 0
}
func (b binary) eval(e *env) float64 {
	l, r := b.l.eval(e), b.r.eval(e)
	switch b.op {
	case "+":
		return l + r
	case "-":
		return l - r
	case "*":
		return l * r
	case "/":
		if r == 0 {
			return fail("division by zero in %v", b)
		}
		return l / r
	case "%":
		return math.Mod(l, r)
	case "^":
		return math.Pow(l, r)
	case "<":
		return truth(l < r)
	case "==":
		return truth(l == r)
	}
	panic("operator " + b.op)
}
func (c conditional) eval(e *env) float64 {
	if c.cond.eval(e) != 0 {
		return c.then.eval(e)
	}
	return c.other.eval(e)
}
func (a assign) eval(e *env) float64 {
	value := a.value.eval(e)
	e.vars[a.name] = value
	return value
}
func (c call) eval(e *env) float64 {
	if f, ok := builtins[c.name]; ok && len(c.args) == 1 {
		return f(c.args[0].eval(e))
	}
	f, ok := e.funcs[c.name]
	if !ok {
		return fail("no function %s of %d arguments", c.name, len(c.args))
	}
	if len(f.params) != len(c.args) {
		return fail("%s wants %d arguments, got %d", c.name, len(f.params), len(c.args))
	}
	if e.depth > 10000 {
		return fail("recursion too deep")
	}
	inner := &env{vars: make(map[string]float64, len(f.params)), funcs: e.funcs, depth: e.depth + 1}
	for i, p := range f.params {
		inner.vars[p] = c.args[i].eval(e)
	}
	return f.body.eval(inner)
}

func (n number) String() string   { return strconv.FormatFloat(float64(n), 'g', -1, 64) }
func (v variable) String() string { return string(v) }
func (u unary) String() string    { return fmt.Sprintf("(%c%v)", u.op, u.x) }
func (b binary) String() string   { return fmt.Sprintf("(%v %s %v)", b.l, b.op, b.r) }
func (c conditional) String() string {
	return fmt.Sprintf("(%v ? %v : %v)", c.cond, c.then, c.other)
}
func (a assign) String() string { return fmt.Sprintf("%s = %v", a.name, a.value) }
func (c call) String() string {
	args := make([]string, len(c.args))
	for i, a := range c.args {
		args[i] = a.String()
	}
	return c.name + "(" + strings.Join(args, ", ") + ")"
}

type parser struct {
	tokens []string
	pos    int
}

var errSyntax = errors.New("syntax error")

func lex(text string) (tokens []string, err error) {
	for i := 0; i < len(text); {
		c := rune(text[i])
		start := i
		switch {
		case unicode.IsSpace(c):
			i++
			continue
		case unicode.IsDigit(c) || c == '.':
			for i < len(text) && (unicode.IsDigit(rune(text[i])) || text[i] == '.') {
				i++
			}
		case unicode.IsLetter(c):
			for i < len(text) && (unicode.IsLetter(rune(text[i])) || unicode.IsDigit(rune(text[i]))) {
				i++
			}
		case strings.HasPrefix(text[i:], "=="):
			i += 2
		case strings.ContainsRune("+-*/%^()=,?:<!", c):
			i++
		default:
			return nil, fmt.Errorf("%w: unexpected %q at %d", errSyntax, c, i)
		}
		tokens = append(tokens, text[start:i])
	}
	return tokens, nil
}

func (p *parser) peek() string {
	if p.pos < len(p.tokens) {
		return p.tokens[p.pos]
	}
	return ""
}

func (p *parser) next() string {
	t := p.peek()
	p.pos++
	return t
}

func (p *parser) expect(t string) {
	if got := p.next(); got != t {
		panic(fmt.Errorf("%w: expected %q, got %q", errSyntax, t, got))
	}
}

var precedence = map[string]int{"<": 1, "==": 1, "+": 2, "-": 2, "*": 3, "/": 3, "%": 3, "^": 4}

func (p *parser) conditional() expr {
	cond := p.binary(1)
	if p.peek() != "?" {
		return cond
	}
	p.next()
	then := p.conditional()
	p.expect(":")
	return conditional{cond, then, p.conditional()}
}

func (p *parser) binary(min int) expr {
	left := p.unary()
	for {
		op := p.peek()
		prec := precedence[op]
		if prec < min || prec == 0 {
			return left
		}
		p.next()
		if op == "^" {
			left = binary{op, left, p.binary(prec)} // to the right
		} else {
			left = binary{op, left, p.binary(prec + 1)}
		}
	}
}

func (p *parser) unary() expr {
	if t := p.peek(); t == "-" || t == "!" {
		p.next()
		return unary{t[0], p.unary()}
	}
	t := p.next()
	switch {
	case t == "(":
		x := p.conditional()
		p.expect(")")
		return x
	case t != "" && (unicode.IsDigit(rune(t[0])) || t[0] == '.'):
		value, err := strconv.ParseFloat(t, 64)
		if err != nil {
			panic(fmt.Errorf("%w: %w", errSyntax, err))
		}
		return number(value)
	case t != "" && unicode.IsLetter(rune(t[0])):
		if p.peek() != "(" {
			return variable(t)
		}
		p.next()
		c := call{name: t}
		for p.peek() != ")" {
			if len(c.args) > 0 {
				p.expect(",")
			}
			c.args = append(c.args, p.conditional())
		}
		p.next()
		return c
	}
	panic(fmt.Errorf("%w: unexpected %q", errSyntax, t))
}

// statement is an expression, `name = expression`, or `name(params) = expression`.
func (p *parser) statement(e *env) (x expr) {
	x = p.conditional()
	if p.peek() != "=" {
		return x
	}
	p.next()
	value := p.conditional()
	switch target := x.(type) {
	case variable:
		return assign{string(target), value}
	case call:
		f := &function{body: value}
		for _, arg := range target.args {
			name, ok := arg.(variable)
			if !ok {
				panic(fmt.Errorf("%w: %v is no parameter", errSyntax, arg))
			}
			f.params = append(f.params, string(name))
		}
		e.funcs[target.name] = f
		return number(len(f.params))
	}
	panic(fmt.Errorf("%w: cannot assign to %v", errSyntax, x))
}

func run(e *env, line string) (tree string, value float64, err error) {
	defer func() {
		switch r := recover().(type) {
		case nil:
		case error:
			err = r
		default:
			panic(r)
		}
	}()
	tokens, err := lex(line)
	if err != nil {
		return "", 0, err
	}
	p := &parser{tokens: tokens}
	x := p.statement(e)
	if p.pos < len(tokens) {
		return "", 0, fmt.Errorf("%w: unexpected %q", errSyntax, p.peek())
	}
	return x.String(), x.eval(e), nil
}

const script = `1 + 2 * 3
-2 ^ 2 ^ 3
x = (1 + sqrt(5)) / 2
x * x - x
fact(n) = n < 2 ? 1 : n * fact(n - 1)
fact(20)
fib(n) = n < 2 ? n : fib(n-1) + fib(n-2)
fib(22)
gcd(a, b) = b == 0 ? a : gcd(b, a % b)
gcd(1071, 462)
hyp(a, b) = sqrt(a^2 + b^2)
hyp(3, hyp(2, 1))
loop(n) = loop(n + 1)
loop(0)
1 / (x - x)
y + 1
2 +
3 $ 4
fact(1, 2)
5 = 6
!(1 == 1) + .5
exp(ln(10)) < 10.001`

func main() {
	e := &env{vars: map[string]float64{"pi": math.Pi}, funcs: map[string]*function{}}
	input := bufio.NewScanner(strings.NewReader(script))
	if len(os.Args) > 1 {
		input = bufio.NewScanner(strings.NewReader(strings.Join(os.Args[1:], "\n")))
	}
	failures := 0
	for input.Scan() {
		tree, value, err := run(e, input.Text())
		var ee evalError
		switch {
		case errors.As(err, &ee):
			failures++
			fmt.Printf("%-45s ! %s\n", input.Text(), ee.msg)
		case err != nil:
			failures++
			fmt.Printf("%-45s ! %v\n", input.Text(), err)
		default:
			fmt.Printf("%-45s = %.10g   %s\n", input.Text(), value, tree)
		}
	}
	fmt.Println(failures, "errors")
}
