package main

import (
	"strings"
	"testing"
)

func TestTexts(t *testing.T) {
	tests := []struct {
		name, source, want string
	}{
		{
			name:   "a text keeps its line and column",
			source: "package p\n\nvar s = \"two words\"\n",
			want:   "\n\n        ;two words\n",
		},
		{
			name:   "comments and code are no texts",
			source: "package p // a comment\n\nvar s = f(\"word\", 'x')\n",
			want:   "",
		},
		{
			name:   "import paths, tags and patterns are no texts",
			source: "package p\n\nimport \"a b\"\n\ntype T struct {\n\tF int `json:\"f\" x:\"y\"`\n}\n\nvar r = regexp.MustCompile(\"a b\")\n",
			want:   "",
		},
		{
			name:   "a field with a tag keeps its siblings",
			source: "package p\n\nvar t = struct {\n\tF string `a:\"b c\"`\n}{\"two words\"}\n",
			want:   "\n\n\n\n  ;two words\n",
		},
		{
			name:   "escape sequences become spaces",
			source: "package p\n\nvar s = \"say \\\"it\\\" \\u2026 now\"\n",
			want:   "\n\n        ;say   it          now\n",
		},
		{
			name:   "code spans become underscores",
			source: "package p\n\nvar s = \"see `skep up` here\"\n",
			want:   "\n\n        ;see _________ here\n",
		},
		{
			name:   "concatenated literals are one text",
			source: "package p\n\nvar s = \"made by \" +\n\t\"it self\"\n",
			want:   "\n\n        ;made by\n  it self\n",
		},
		{
			name:   "separate literals are separate texts",
			source: "package p\n\nvar s = f(\"made by \", \"it self\")\n",
			want:   "\n\n          ;made by    ;it self\n",
		},
		{
			name:   "a raw literal keeps its lines",
			source: "package p\n\nvar s = `one line\n  and another`\n",
			want:   "\n\n        ;one line\n  and another\n",
		},
		{
			name:   "a character counts as one column",
			source: "package p\n\nvar ä, s = \"é\", \"two wörds\"\n",
			want:   "\n\n                ;two wörds\n",
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			masked, found, err := texts("p.go", []byte(test.source))
			if err != nil {
				t.Fatal(err)
			}
			if found != (test.want != "") {
				t.Fatalf("found %v, want %q", found, test.want)
			}
			if got := trimLines(string(masked)); found && got != test.want {
				t.Errorf("got  %q\nwant %q", got, test.want)
			}
		})
	}
}

func TestTextsRefusesWhatGoRefuses(t *testing.T) {
	if _, _, err := texts("p.go", []byte("package")); err == nil {
		t.Error("want a syntax error")
	}
}

// trimLines removes the spaces at the ends of lines.
func trimLines(s string) string {
	lines := strings.Split(s, "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " ")
	}
	return strings.Join(lines, "\n")
}
