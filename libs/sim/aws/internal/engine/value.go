package engine

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// Matcher returns a function that reports whether a text is among the wanted ones, in which * stands for any text and ?
// for any character.
func Matcher(wanted []string) func(string) bool {
	exact := map[string]bool{}
	var patterns []*regexp.Regexp
	for _, value := range wanted {
		if !strings.ContainsAny(value, "*?") {
			exact[value] = true
			continue
		}
		pattern := strings.NewReplacer(`\*`, `.*`, `\?`, `.`).Replace(regexp.QuoteMeta(value))
		patterns = append(patterns, regexp.MustCompile(`^`+pattern+`$`))
	}
	return func(value string) bool {
		return exact[value] || slices.ContainsFunc(patterns, func(p *regexp.Regexp) bool { return p.MatchString(value) })
	}
}

// Convert copies a struct of the SDK to another one whose fields have the same names, such as an input to a
// description.
func Convert[T any](v any) T {
	var converted T
	text, err := json.Marshal(v)
	if err == nil {
		err = json.Unmarshal(text, &converted)
	}
	if err != nil {
		panic(fmt.Sprintf("awssim: convert %T to %T: %v", v, converted, err))
	}
	return converted
}

// Optional returns nil for "".
func Optional(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}
