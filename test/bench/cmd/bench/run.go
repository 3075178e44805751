package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"

	"github.com/skep-dev/skep/test/bench"
)

// folder is the directory of the rows, relative to the root of the repository.
const folder = "test/bench"

// timeout limits the duration of a row: 40 minutes are too short for 1,000 clusters.
const timeout = "4h"

// build compiles the rows into one test binary in dir.
func build(ctx context.Context, dir string) (string, error) {
	program := filepath.Join(dir, "bench.test")
	if out, err := exec.CommandContext(ctx, "go", "test", "-c", "-o", program, "./"+folder).CombinedOutput(); err != nil { //nolint:gosec // It builds the tests of this repository.
		return "", fmt.Errorf("build rows: %w\n%s", err, out)
	}
	return program, nil
}

// run is the measurement of one row in its own process.
type run struct {
	row              bench.Row
	program, dir     string
	profile, verbose bool
}

// measure runs the row and returns its figures, including those that a failed row measured
// before its failure.
func (r run) measure(ctx context.Context) ([]bench.Figure, error) {
	if err := os.RemoveAll(r.dir); err != nil {
		return nil, fmt.Errorf("clear the directory of the row: %w", err)
	}
	if err := os.MkdirAll(r.dir, 0o750); err != nil {
		return nil, fmt.Errorf("create the directory of the row: %w", err)
	}
	sheet := filepath.Join(r.dir, "figures.json")
	arguments := []string{
		"-test.run", "^" + r.row.Test + "$", "-test.count=1", "-test.v", "-test.timeout", timeout,
		"-measure", r.row.Name, "-sheet", sheet, "-clusters", strconv.Itoa(r.row.Clusters),
	}
	if r.profile {
		arguments = append(arguments, "-test.cpuprofile", filepath.Join(r.dir, "cpu.pprof"), "-heap", filepath.Join(r.dir, "heap.pprof"))
	}
	command := exec.CommandContext(ctx, r.program, arguments...) //nolint:gosec // build compiled it.
	command.Dir = folder
	var out bytes.Buffer
	command.Stdout, command.Stderr = &out, &out
	if r.verbose {
		command.Stdout, command.Stderr = os.Stderr, os.Stderr
	}
	failure := command.Run()
	figures, err := bench.ReadSheet(sheet)
	switch {
	case failure != nil:
		return figures, fmt.Errorf("%w\n%s", failure, out.Bytes())
	case err == nil && len(figures) == 0:
		return nil, fmt.Errorf("%s reported no figures", r.row.Test)
	}
	return figures, err
}

// topNodes is the number of printed lines of a profile.
const topNodes = "25"

// top prints the top of the profiles of a row.
func top(ctx context.Context, program, dir string) {
	for _, profile := range []struct{ file, index string }{{"cpu.pprof", "cpu"}, {"heap.pprof", "inuse_space"}} {
		fmt.Printf("\n%s\n", filepath.Join(dir, profile.file))
		command := exec.CommandContext(ctx, "go", "tool", "pprof", "-top", "-cum", "-nodecount="+topNodes, //nolint:gosec // The row wrote the profile.
			"-sample_index="+profile.index, program, filepath.Join(dir, profile.file))
		command.Stdout, command.Stderr = os.Stdout, os.Stderr
		if err := command.Run(); err != nil {
			fmt.Fprintln(os.Stderr, "read profile:", err)
		}
	}
}
