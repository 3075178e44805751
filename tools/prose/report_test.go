package main

import (
	"strings"
	"testing"
)

const sample = `{
	"libs/b.go": [{"Check": "Skep.Again", "Line": 7, "Span": [4, 7], "Message": "'anew': say again"}],
	".cache/prose/libs/a.go.txt": [
		{"Check": "Skep.Thing", "Line": 9, "Span": [2, 6], "Message": "'thing': say resource"},
		{"Check": "Skep.Again", "Line": 3, "Span": [12, 15], "Message": "'anew': say again"}
	],
	"README.md": [{"Check": "Skep.Again", "Line": 1, "Span": [1, 4], "Message": "'anew': say again"}]
}`

func TestParse(t *testing.T) {
	breaches, err := parse([]byte(sample))
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, b := range breaches {
		lines = append(lines, b.String())
	}
	want := `README.md:1:1: 'anew': say again (Skep.Again)
libs/a.go:3:12: 'anew': say again (Skep.Again)
libs/a.go:9:2: 'thing': say resource (Skep.Thing)
libs/b.go:7:4: 'anew': say again (Skep.Again)`
	if got := strings.Join(lines, "\n"); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if _, err := parse([]byte("E100 no configuration")); err == nil {
		t.Error("want an error for a report that is no JSON")
	}
}

func TestPrintCounts(t *testing.T) {
	breaches, err := parse([]byte(sample))
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	printCounts(&b, breaches)
	want := "3 libs 1 . 3 Skep.Again 1 Skep.Thing 4 breaches"
	if got := strings.Join(strings.Fields(b.String()), " "); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestHoldsProse(t *testing.T) {
	for file, want := range map[string]bool{
		"README.md":                             true,
		"libs/engine/graph/ensure.go":           true,
		"proto/skep/type/v1/state.proto":        true,
		"proto/gen/go/skep/type/v1/state.pb.go": false,
		"libs/engine/graph/testdata/a.md":       false,
		"third_party/proto/a.proto":             false,
		"libs/go.sum":                           false,
	} {
		if got := holdsProse(file); got != want {
			t.Errorf("%s: got %v, want %v", file, got, want)
		}
	}
}
