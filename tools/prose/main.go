// Command prose checks the wording of Skep with Vale and the rules in
// styles/Skep: Markdown, the comments of Go and proto files, and the strings of
// Go files that users read. `make lint-prose` runs it at the root of the
// repository.
//
//	prose [-count] [path …]
//
// A path is a file or a directory; without one it checks all tracked files. It
// prints one line per breach, `file:line:column: 'word': say replacement
// (Skep.Rule)`, and exits with 1 if there is one. With -count it prints the number
// of breaches per top-level directory and per rule instead, and exits with 0.
package main

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// mirror is the directory of the extracted strings, relative to the root.
const mirror = ".cache/prose"

func main() {
	count := flag.Bool("count", false, "print counts per directory and per rule")
	flag.Parse()
	breaches, err := check(flag.Args())
	if err != nil {
		fmt.Fprintln(os.Stderr, "prose:", err)
		os.Exit(2)
	}
	if *count {
		printCounts(os.Stdout, breaches)
		return
	}
	for _, b := range breaches {
		fmt.Println(b)
	}
	if len(breaches) > 0 {
		fmt.Fprintf(os.Stderr, "prose: %d breaches; docs/glossary.md explains the terms\n", len(breaches))
		os.Exit(1)
	}
}

// check runs Vale over the tracked files under paths and over the strings in
// them. It returns the breaches in the order of files and lines.
func check(paths []string) ([]breach, error) {
	files, err := tracked(paths)
	if err != nil {
		return nil, err
	}
	if err := os.RemoveAll(mirror); err != nil {
		return nil, fmt.Errorf("clear extracted strings: %w", err)
	}
	inputs := files
	for _, file := range files {
		if !hasTexts(file) {
			continue
		}
		written, err := extract(file)
		if err != nil {
			return nil, err
		}
		if written != "" {
			inputs = append(inputs, written)
		}
	}
	if len(inputs) == 0 {
		return nil, nil
	}
	out, err := vale(inputs)
	if err != nil {
		return nil, err
	}
	return parse(out)
}

// extract writes the strings of a Go file into the mirror, each at the line and
// column of the source. It returns the path, or "" for a file without strings.
func extract(file string) (string, error) {
	source, err := os.ReadFile(file)
	if err != nil {
		return "", fmt.Errorf("extract strings: %w", err)
	}
	text, found, err := texts(file, source)
	if err != nil {
		return "", fmt.Errorf("extract strings: %w", err)
	}
	if !found {
		return "", nil
	}
	path := filepath.Join(mirror, file+".txt")
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return "", fmt.Errorf("extract strings: %w", err)
	}
	if err := os.WriteFile(path, text, 0o644); err != nil {
		return "", fmt.Errorf("extract strings: %w", err)
	}
	return path, nil
}

// vale returns the JSON report of Vale, which always exits with 0 because of
// --no-exit unless the configuration or a file cannot be read.
func vale(files []string) ([]byte, error) {
	command := exec.Command("vale", append([]string{"--no-exit", "--no-wrap", "--output=JSON"}, files...)...)
	command.Stderr = os.Stderr
	out, err := command.Output()
	if err != nil {
		return nil, fmt.Errorf("vale: %w: %s", err, out)
	}
	return out, nil
}
