// Report fills a text template from data, with functions, pipelines, ranges and nested templates.
package main

import (
	"fmt"
	"os"
	"strings"
	"text/tabwriter"
	"text/template"
	"time"
)

type item struct {
	Name     string
	Quantity int
	Cents    int64
}

func (i item) Total() int64 { return int64(i.Quantity) * i.Cents }

type order struct {
	Number   int
	Customer string
	Date     time.Time
	Items    []item
	Notes    map[string]string
}

func (o *order) Sum() (sum int64) {
	for _, i := range o.Items {
		sum += i.Total()
	}
	return sum
}

const text = `{{define "item"}}{{printf "%-12s" .Name}} {{printf "%3d" .Quantity}} x {{money .Cents}} = {{.Total | money}}{{end -}}
Order {{.Number}} for {{.Customer | upper}}, {{.Date.Format "Monday, 2 January 2006"}}
{{range $i, $item := .Items}}{{inc $i}}. {{template "item" $item}}
{{else}}nothing ordered
{{end}}{{if gt .Sum 100000}}Thank you for this large order!{{else if .Items}}Thank you.{{else}}See you soon.{{end}} Sum: {{money .Sum}}
{{with .Notes}}Notes:{{range $key, $value := .}}
  {{$key}}: {{$value | printf "%q"}}{{end}}
{{end}}`

func money(cents int64) string { return fmt.Sprintf("%d.%02d", cents/100, cents%100) }

func main() {
	report := template.Must(template.New("report").Funcs(template.FuncMap{
		"money": money,
		"upper": strings.ToUpper,
		"inc":   func(i int) int { return i + 1 },
	}).Parse(text))
	date := time.Date(2024, time.February, 29, 12, 0, 0, 0, time.UTC)
	orders := []*order{
		{1, "Ada Lovelace", date, []item{{"gears", 12, 1999}, {"cards", 400, 5}}, map[string]string{"ship": "by \"sea\"", "gift": "no"}},
		{2, "Grace Hopper", date.AddDate(0, 0, 1), []item{{"moth", 1, 1}, {"tape", 1000, 350}}, nil},
		{3, "Nobody", date.AddDate(1, 0, 0), nil, nil},
	}
	for _, o := range orders {
		if err := report.Execute(os.Stdout, o); err != nil {
			fmt.Fprintln(os.Stderr, "report:", err)
			os.Exit(1)
		}
		fmt.Println(strings.Repeat("-", 40))
	}
	table := tabwriter.NewWriter(os.Stdout, 0, 8, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(table, "order\tcustomer\tsum\t")
	for _, o := range orders {
		fmt.Fprintf(table, "%d\t%s\t%s\t\n", o.Number, o.Customer, money(o.Sum()))
	}
	table.Flush()
	_, err := template.New("bad").Parse("{{if}}")
	fmt.Println(err)
	err = template.Must(template.New("missing").Parse("{{.Nope}}")).Execute(os.Stdout, orders[0])
	fmt.Println(err)
}
