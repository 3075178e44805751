// Command bench measures the rows of package bench, each in its own process, and prints them
// as one table. `make bench` runs it.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"time"

	"github.com/skep-dev/skep/test/bench"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	var o options
	flag.StringVar(&o.rows, "row", "", "the rows to measure, separated by commas; empty measures all")
	flag.StringVar(&o.json, "json", ".cache/bench.json", "the file to write the figures to, as JSON")
	flag.BoolVar(&o.profile, "profile", false, "write CPU and heap profiles next to the JSON file, and print the top of each")
	flag.BoolVar(&o.verbose, "v", false, "show the output of the rows")
	flag.Parse()
	if err := measure(ctx, o); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		stop()
		os.Exit(1) //nolint:gocritic // stop was called.
	}
}

// options are the flags of the command line.
type options struct {
	rows, json       string
	profile, verbose bool
}

// measure measures the rows, prints the table and writes the JSON.
func measure(ctx context.Context, o options) error {
	rows, err := selected(o.rows)
	if err != nil {
		return err
	}
	dir, err := filepath.Abs(filepath.Dir(o.json))
	if err != nil {
		return err
	}
	program, err := build(ctx, dir)
	if err != nil {
		return err
	}
	report := bench.Report{Time: time.Now(), Machine: bench.ThisMachine(), Failed: make(map[string]string)}
	for _, row := range rows {
		began := time.Now()
		fmt.Fprintf(os.Stderr, "%-12s %s … ", row.Name, row.Description)
		one := run{row: row, program: program, dir: filepath.Join(dir, "bench", row.Name), profile: o.profile, verbose: o.verbose}
		figures, err := one.measure(ctx)
		report.Figures = append(report.Figures, figures...)
		if err != nil {
			report.Failed[row.Name] = err.Error()
		}
		fmt.Fprintln(os.Stderr, time.Since(began).Round(time.Second))
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
	}
	report.Print(os.Stdout)
	if o.profile {
		for _, row := range rows {
			top(ctx, program, filepath.Join(dir, "bench", row.Name))
		}
	}
	if err := report.Write(o.json); err != nil {
		return err
	}
	if len(report.Failed) > 0 {
		return fmt.Errorf("%d of %d rows could not be measured", len(report.Failed), len(rows))
	}
	return nil
}

// selected returns the rows of a list of names. A name without its number of clusters selects
// all its rows: fleet means fleet-100 and fleet-1000.
func selected(names string) ([]bench.Row, error) {
	if names == "" {
		return bench.Rows, nil
	}
	var rows []bench.Row
	for name := range strings.SplitSeq(names, ",") {
		before := len(rows)
		for _, row := range bench.Rows {
			if row.Name == name || strings.HasPrefix(row.Name, name+"-") {
				rows = append(rows, row)
			}
		}
		if len(rows) == before {
			return nil, fmt.Errorf("there is no row %q", name)
		}
	}
	return rows, nil
}
