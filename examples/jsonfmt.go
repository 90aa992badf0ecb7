// Jsonfmt pretty-prints JSON from standard input, or a built-in document if there is none, and shows what it learned of it.
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"sort"
)

const document = `{"name":"golift","tags":["compiler","go","rust"],"version":{"major":0,"minor":1},
"stars":1234.5,"active":true,"parent":null,"people":[{"name":"Ada","born":1815},{"name":"Grace","born":1906}],
"escapes":"tab\t quote\" unicode \u00e9 \ud83d\ude00"}`

type person struct {
	Name string `json:"name"`
	Born int    `json:"born"`
	Note string `json:"note,omitempty"`
}

type project struct {
	Name    string         `json:"name"`
	Tags    []string       `json:"tags"`
	Version map[string]int `json:"version"`
	Stars   float64        `json:"stars"`
	Active  bool           `json:"active"`
	Parent  *project       `json:"parent"`
	People  []person       `json:"people"`
}

func kinds(value any, path string, found map[string]string) {
	switch v := value.(type) {
	case map[string]any:
		found[path] = fmt.Sprintf("object of %d", len(v))
		for key, member := range v {
			kinds(member, path+"."+key, found)
		}
	case []any:
		found[path] = fmt.Sprintf("array of %d", len(v))
		for i, element := range v {
			kinds(element, fmt.Sprintf("%s[%d]", path, i), found)
		}
	default:
		found[path] = fmt.Sprintf("%T %v", v, v)
	}
}

func main() {
	input := []byte(document)
	if info, err := os.Stdin.Stat(); err == nil && info.Mode()&os.ModeCharDevice == 0 {
		if text, err := io.ReadAll(os.Stdin); err == nil && len(text) > 0 {
			input = text
		}
	}
	var out bytes.Buffer
	if err := json.Indent(&out, input, "", "  "); err != nil {
		fmt.Fprintln(os.Stderr, "jsonfmt:", err)
		os.Exit(1)
	}
	fmt.Println(out.String())

	var value any
	if err := json.Unmarshal(input, &value); err != nil {
		fmt.Fprintln(os.Stderr, "jsonfmt:", err)
		os.Exit(1)
	}
	found := make(map[string]string)
	kinds(value, "$", found)
	paths := make([]string, 0, len(found))
	for path := range found {
		paths = append(paths, path)
	}
	sort.Strings(paths)
	for _, path := range paths {
		fmt.Printf("%-20s %s\n", path, found[path])
	}

	var p project
	if err := json.Unmarshal(input, &p); err != nil {
		fmt.Println("not a project:", err)
		return
	}
	for i := range p.People {
		p.People[i].Note = fmt.Sprintf("born %d years before 2000", 2000-p.People[i].Born)
	}
	text, err := json.Marshal(p)
	fmt.Println(string(text), err)
	err = json.Unmarshal([]byte(`{"name": 5}`), &p)
	fmt.Println("error:", err)
	err = json.Unmarshal([]byte(`{"name": "x"`), &p)
	fmt.Println("error:", err)
}
