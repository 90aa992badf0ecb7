package unitchecker

// The checks of many packages in one process, with types from source.
//
// The go command starts vet for each package and has the compiler's export data for what that imports. Golift has none. It starts one process
// for all packages of a command: what several import is parsed and checked once, without bodies if the facts about it
// are known from an earlier run.

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"go/ast"
	"go/build"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"log"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/internal/analysisflags"
	"golang.org/x/tools/internal/analysis/driverutil"
)

// batchArgument follows the flags when golift has started this program.
const batchArgument = "golift-batch"

//golift:replace Main
func mainOrBatch(analyzers ...*analysis.Analyzer) {
	if os.Args[len(os.Args)-1] != batchArgument {
		Main(analyzers...)
		return
	}
	// The file is named after the command, and after what the program depends on.
	name, _, _ := strings.Cut(filepath.Base(os.Args[0]), "-")
	log.SetFlags(0)
	log.SetPrefix(name + ": ")
	analyzers = analysisflags.Parse(analyzers, true)
	if flag.NArg() != 1 {
		log.Fatalf("unexpected arguments: %q", flag.Args())
	}
	if err := checkBatch(os.Stdin, os.Stdout, analyzers); err != nil {
		log.Fatal(err)
	}
	os.Exit(0)
}

// A unit is a package of the batch.
type unit struct {
	Config
	Key       string            // what the others call it
	Imports   map[string]string // import paths to keys
	Root      bool              // to be checked, not only imported
	FactsFile string            // where its facts are kept; empty: nowhere

	once    sync.Once
	pkg     *types.Package
	facts   []byte
	err     error
	results []result
}

// A verdict is what is said about a root.
type verdict struct {
	Key    string
	Text   string // as vet prints it to standard error
	JSON   string // the same with -json, to standard output
	Failed bool
	Fixed  map[string]string // with -fix: new contents of files
	Diff   string            // with -fix -diff: the same as differences

	Broken       bool // it is no correct Go, or what it imports
	BrokenImport bool // what it imports
}

type batch struct {
	fset      *token.FileSet
	analyzers []*analysis.Analyzer
	units     map[string]*unit
	ofConfig  map[*Config]*unit
	busy      chan bool // as many as may work at once
}

func checkBatch(r io.Reader, w io.Writer, analyzers []*analysis.Analyzer) error {
	if err := analysis.Validate(analyzers); err != nil {
		return err
	}
	var units []*unit
	if err := json.NewDecoder(r).Decode(&units); err != nil {
		return err
	}
	b := &batch{
		fset:      token.NewFileSet(),
		analyzers: analyzers,
		units:     make(map[string]*unit),
		ofConfig:  make(map[*Config]*unit),
		busy:      make(chan bool, runtime.GOMAXPROCS(0)),
	}
	for _, u := range units {
		b.units[u.Key] = u
		b.ofConfig[&u.Config] = u
	}
	b.setHooks()
	var wg sync.WaitGroup
	for _, u := range units {
		if u.Root {
			wg.Go(func() { b.check(u) })
		}
	}
	wg.Wait()
	out := json.NewEncoder(w)
	for _, u := range units {
		if u.Root {
			if err := out.Encode(b.verdict(u)); err != nil {
				return err
			}
		}
	}
	return nil
}

// setHooks tells the checks of one package where types and facts come from and go.
func (b *batch) setHooks() {
	makeTypesImporter = func(cfg *Config, _ *token.FileSet) types.Importer {
		return b.importer(b.ofConfig[cfg])
	}
	exportTypes = func(cfg *Config, _ *token.FileSet, pkg *types.Package) error {
		b.ofConfig[cfg].pkg = pkg
		return nil
	}
	makeFactImporter = func(cfg *Config) factImporter {
		byPath := make(map[string]*unit)
		for _, key := range b.ofConfig[cfg].Imports {
			if u := b.units[key]; u != nil {
				byPath[u.ImportPath] = u
			}
		}
		return func(path string) ([]byte, error) {
			if u := byPath[path]; u != nil {
				return u.facts, nil
			}
			return nil, nil
		}
	}
	exportFacts = func(cfg *Config, data []byte) error {
		u := b.ofConfig[cfg]
		u.facts = data
		u.saveFacts()
		return nil
	}
}

func (b *batch) importer(u *unit) types.Importer {
	return importerFunc(func(path string) (*types.Package, error) {
		if path == "unsafe" {
			return types.Unsafe, nil
		}
		imported := b.units[u.Imports[path]]
		if imported == nil {
			return nil, fmt.Errorf("can't resolve import %q", path)
		}
		b.check(imported)
		if imported.pkg == nil {
			return nil, fmt.Errorf("could not import %s (%v)", path, imported.err)
		}
		return imported.pkg, nil
	})
}

// check finds types and facts of a unit, and if it is a root, what is wrong with it.
func (b *batch) check(u *unit) {
	u.once.Do(func() {
		var wg sync.WaitGroup
		for _, key := range u.Imports {
			if imported := b.units[key]; imported != nil {
				wg.Go(func() { b.check(imported) })
			}
		}
		wg.Wait()
		b.busy <- true
		defer func() { <-b.busy }()
		if !u.Root && u.loadFacts() {
			u.pkg, u.err = b.declarations(u)
			return
		}
		u.VetxOnly = !u.Root
		u.results, u.err = run(b.fset, &u.Config, b.analyzers)
		if u.pkg == nil {
			// Its importers need what there is.
			u.pkg, _ = b.declarations(u)
		}
	})
}

// declarations checks the types of a package without the bodies of its functions.
func (b *batch) declarations(u *unit) (*types.Package, error) {
	var files []*ast.File
	for _, name := range u.GoFiles {
		f, err := parser.ParseFile(b.fset, name, nil, parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		files = append(files, f)
	}
	var first error
	tc := &types.Config{
		Importer:         b.importer(u),
		Sizes:            types.SizesFor("gc", build.Default.GOARCH),
		GoVersion:        u.GoVersion,
		IgnoreFuncBodies: true,
		Error: func(err error) {
			if first == nil {
				first = err
			}
		},
	}
	pkg, _ := tc.Check(u.ImportPath, b.fset, files, nil)
	return pkg, first
}

// factsHead begins each file of facts, which is complete if it also ends so.
const factsHead = "golift vet facts\n"

func (u *unit) loadFacts() bool {
	if u.FactsFile == "" {
		return false
	}
	data, err := os.ReadFile(u.FactsFile)
	if err != nil {
		return false
	}
	data, ok := bytes.CutPrefix(data, []byte(factsHead))
	if !ok {
		return false
	}
	u.facts, ok = bytes.CutSuffix(data, []byte(factsHead))
	return ok
}

// saveFacts keeps them, unless that is not possible.
func (u *unit) saveFacts() {
	if u.FactsFile == "" {
		return
	}
	f, err := os.CreateTemp(filepath.Dir(u.FactsFile), ".new-")
	if err != nil {
		return
	}
	_, err = fmt.Fprintf(f, "%s%s%s", factsHead, u.facts, factsHead)
	if err1 := f.Close(); err == nil {
		err = err1
	}
	if err == nil {
		err = os.Rename(f.Name(), u.FactsFile)
	}
	if err != nil {
		os.Remove(f.Name())
	}
}

// importsBroken reports whether there is something wrong with what u imports, through others too.
func (b *batch) importsBroken(u *unit, seen map[*unit]bool) bool {
	seen[u] = true
	for _, key := range u.Imports {
		if imported := b.units[key]; imported != nil && !seen[imported] {
			if imported.err != nil || b.importsBroken(imported, seen) {
				return true
			}
		}
	}
	return false
}

func (b *batch) verdict(u *unit) verdict {
	v := verdict{Key: u.Key, BrokenImport: b.importsBroken(u, make(map[*unit]bool))}
	v.Broken = v.BrokenImport || u.err != nil
	var text, object bytes.Buffer
	tree := make(driverutil.JSONTree)
	if u.err != nil {
		fmt.Fprintf(&text, "%s%v\n", log.Prefix(), u.err)
		v.Failed = true
	}
	if analysisflags.Fix {
		b.fix(u, &v, &text)
		v.Text = text.String()
		return v
	}
	for _, res := range u.results {
		tree.Add(b.fset, u.ID, res.a.Name, res.diagnostics, res.err)
		if res.err != nil {
			fmt.Fprintf(&text, "%s%v\n", log.Prefix(), res.err)
			v.Failed = true
		}
	}
	for _, res := range u.results {
		for _, diag := range res.diagnostics {
			driverutil.PrintPlain(&text, b.fset, analysisflags.Context, diag)
			v.Failed = true
		}
	}
	v.Text = text.String()
	if u.err == nil {
		tree.Print(&object)
		v.JSON = object.String()
	}
	return v
}

// fix applies the fixes for a unit to copies of its files.
// Of what they are made by, some logs, and prints differences to the standard output.
func (b *batch) fix(u *unit, v *verdict, text io.Writer) {
	if u.err != nil {
		return
	}
	var actions []driverutil.FixAction
	for _, res := range u.results {
		actions = append(actions, driverutil.FixAction{
			Name:         res.a.Name,
			Pkg:          res.pkg,
			Files:        res.files,
			FileSet:      b.fset,
			ReadFileFunc: os.ReadFile,
			Diagnostics:  res.diagnostics,
		})
	}
	v.Fixed = make(map[string]string)
	write := func(name string, content []byte) error {
		v.Fixed[name] = string(content)
		return nil
	}
	log.SetOutput(text)
	defer log.SetOutput(os.Stderr)
	diff, err := printed(func() error {
		return driverutil.ApplyFixes(actions, write, analysisflags.Diff, false)
	})
	v.Diff = diff
	if err != nil {
		log.Print(err)
		v.Failed = true
	}
}

// printed returns what f prints to the standard output.
func printed(f func() error) (string, error) {
	file, err := os.CreateTemp("", "golift-fix-")
	if err != nil {
		return "", err
	}
	defer os.Remove(file.Name())
	defer file.Close()
	stdout := os.Stdout
	os.Stdout = file
	err = f()
	os.Stdout = stdout
	text, err1 := os.ReadFile(file.Name())
	if err == nil {
		err = err1
	}
	return string(text), err
}
