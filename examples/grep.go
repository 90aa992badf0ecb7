// Grep prints the lines of files that match a regular expression; without arguments it searches a few texts of its own.
//
//	golift run examples/grep.go [-i] [-n] [-c] [-v] pattern file...
package main

import (
	"bufio"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

var (
	ignoreCase = flag.Bool("i", false, "ignore case")
	numbers    = flag.Bool("n", false, "print line numbers")
	countOnly  = flag.Bool("c", false, "print only how many lines match")
	invert     = flag.Bool("v", false, "print lines that do not match")
)

func search(re *regexp.Regexp, name string, r io.Reader, w io.Writer) (int, error) {
	matches := 0
	scanner := bufio.NewScanner(r)
	for line := 1; scanner.Scan(); line++ {
		if re.MatchString(scanner.Text()) == *invert {
			continue
		}
		matches++
		switch {
		case *countOnly:
		case *numbers:
			fmt.Fprintf(w, "%s:%d:%s\n", name, line, scanner.Text())
		default:
			fmt.Fprintf(w, "%s:%s\n", name, scanner.Text())
		}
	}
	if *countOnly {
		fmt.Fprintf(w, "%s:%d\n", name, matches)
	}
	return matches, scanner.Err()
}

func demo() error {
	dir, err := os.MkdirTemp("", "grep")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	files := map[string]string{
		"hosts.txt": "10.0.0.1 alpha\n10.0.0.12 beta\n192.168.1.77 gamma\nnot-an-address delta\n",
		"log.txt":   "2024-01-02 ERROR disk full\n2024-01-03 info ok\n2024-02-29 error: net down\n",
		"mail.txt":  "ada@example.com\ngrace@navy.example.org\nno mail here\n",
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			return err
		}
	}
	names, err := filepath.Glob(filepath.Join(dir, "*.txt"))
	if err != nil {
		return err
	}
	*numbers = true
	for _, pattern := range []string{`^(\d{1,3}\.){3}\d{1,3}\b`, `(?i)\berror\b`, `[\w.]+@[\w.]+\.(com|org)`, `(a|e)t+a?$`} {
		fmt.Println("pattern", pattern)
		re := regexp.MustCompile(pattern)
		for _, name := range names {
			text, err := os.Open(name)
			if err != nil {
				return err
			}
			_, err = search(re, filepath.Base(name), text, os.Stdout)
			text.Close()
			if err != nil {
				return err
			}
		}
	}
	re := regexp.MustCompile(`(?P<year>\d+)-(?P<month>\d+)-(?P<day>\d+)`)
	fmt.Println(re.ReplaceAllString(strings.TrimSpace(files["log.txt"]), "${day}.${month}.${year}"))
	fmt.Printf("%q\n", re.FindAllStringSubmatch(files["log.txt"], -1))
	_, err = regexp.Compile(`a(b`)
	fmt.Println(err)
	return nil
}

func main() {
	flag.Parse()
	if flag.NArg() == 0 {
		if err := demo(); err != nil {
			fmt.Fprintln(os.Stderr, "grep:", err)
			os.Exit(2)
		}
		return
	}
	pattern := flag.Arg(0)
	if *ignoreCase {
		pattern = "(?i)" + pattern
	}
	re, err := regexp.Compile(pattern)
	if err != nil {
		fmt.Fprintln(os.Stderr, "grep:", err)
		os.Exit(2)
	}
	total := 0
	for _, name := range flag.Args()[1:] {
		file, err := os.Open(name)
		if err != nil {
			fmt.Fprintln(os.Stderr, "grep:", err)
			os.Exit(2)
		}
		n, err := search(re, name, file, os.Stdout)
		file.Close()
		if err != nil {
			fmt.Fprintln(os.Stderr, "grep:", err)
			os.Exit(2)
		}
		total += n
	}
	if total == 0 {
		os.Exit(1)
	}
}
