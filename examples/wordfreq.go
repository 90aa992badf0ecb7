// Wordfreq counts the words of files (or of its own sample) and prints the most frequent ones.
//
//	golift run examples/wordfreq.go [file...]
package main

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"unicode"
)

const sample = `It was the best of times, it was the worst of times, it was the age of
wisdom, it was the age of foolishness, it was the epoch of belief, it was the
epoch of incredulity, it was the season of Light, it was the season of
Darkness, it was the spring of hope, it was the winter of despair, we had
everything before us, we had nothing before us, we were all going direct to
Heaven, we were all going direct the other way.`

type count struct {
	word string
	n    int
}

func countWords(r io.Reader, counts map[string]int) error {
	scanner := bufio.NewScanner(r)
	scanner.Split(bufio.ScanWords)
	for scanner.Scan() {
		word := strings.TrimFunc(scanner.Text(), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
		if word != "" {
			counts[strings.ToLower(word)]++
		}
	}
	return scanner.Err()
}

func main() {
	counts := make(map[string]int)
	if len(os.Args) < 2 {
		if err := countWords(strings.NewReader(sample), counts); err != nil {
			fmt.Fprintln(os.Stderr, "wordfreq:", err)
			os.Exit(1)
		}
	}
	for _, name := range os.Args[1:] {
		file, err := os.Open(name)
		if err == nil {
			err = countWords(file, counts)
			file.Close()
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, "wordfreq:", err)
			os.Exit(1)
		}
	}
	var list []count
	total := 0
	for word, n := range counts {
		list = append(list, count{word, n})
		total += n
	}
	slices.SortFunc(list, func(a, b count) int {
		return cmp.Or(cmp.Compare(b.n, a.n), cmp.Compare(a.word, b.word))
	})
	fmt.Printf("%d words, %d different\n", total, len(list))
	for _, c := range list[:min(12, len(list))] {
		fmt.Printf("%6d %5.1f%%  %s\n", c.n, 100*float64(c.n)/float64(total), c.word)
	}
}
