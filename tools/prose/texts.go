package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"
)

var (
	// escape is an escape sequence in an interpreted string literal.
	escape = regexp.MustCompile(`\\(?:[abfnrtv\\'"]|[0-7]{3}|x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8})`)
	// code is a code span in a text, such as a command or a field path.
	code = regexp.MustCompile("`[^`\n]+`")
	// joined is the source between two literals that make one text.
	joined = regexp.MustCompile(`^\s*\+\s*$`)
)

// texts returns the source of a Go file with every character replaced by a space
// except those of string literals that are texts, so that Vale reports the lines
// and columns of the source. A literal is a text if it has a space and is no
// import path, struct tag or regular expression. Escape sequences become spaces,
// code spans underscores, and a semicolon separates texts that are not
// concatenated. found is false if the file holds no text.
func texts(name string, source []byte) (masked []byte, found bool, err error) {
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, name, source, parser.SkipObjectResolution)
	if err != nil {
		return nil, false, err
	}
	masked = make([]byte, 0, len(source))
	end := 0
	for _, literal := range literals(file) {
		from := fset.Position(literal.Pos()).Offset
		// The length of the literal in the source: Value has no carriage returns.
		to := fset.Position(literal.End()).Offset
		gap := string(source[end:from])
		separator := ";"
		if found && joined.MatchString(gap) {
			separator = " "
		}
		masked = append(masked, blank(gap)...)
		masked = append(masked, separator+text(string(source[from:to]))...)
		end = to
		found = true
	}
	return append(masked, blank(string(source[end:]))...), found, nil
}

// literals returns the string literals of the file that are texts, in the order
// of the source.
func literals(file *ast.File) []*ast.BasicLit {
	var found []*ast.BasicLit
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.ImportSpec:
			return false
		case *ast.Field:
			// The tag is no text; a type has no string literal except in an array length.
			return n.Tag == nil
		case *ast.CallExpr:
			return !compilesPattern(n)
		case *ast.BasicLit:
			if value, err := strconv.Unquote(n.Value); n.Kind == token.STRING && err == nil && strings.Contains(value, " ") {
				found = append(found, n)
			}
		}
		return true
	})
	return found
}

// compilesPattern reports whether the call compiles a regular expression.
func compilesPattern(call *ast.CallExpr) bool {
	selector, ok := call.Fun.(*ast.SelectorExpr)
	if !ok {
		return false
	}
	pkg, ok := selector.X.(*ast.Ident)
	return ok && pkg.Name == "regexp"
}

// text returns a literal of the source from behind its opening quote, without
// escape sequences and code spans, at the same width.
func text(literal string) string {
	quote, body := literal[:1], literal[1:len(literal)-1]
	if quote == `"` {
		body = escape.ReplaceAllStringFunc(body, blank)
		body = code.ReplaceAllStringFunc(body, func(span string) string {
			return strings.Repeat("_", utf8.RuneCountInString(span))
		})
	}
	return body + " "
}

// blank returns s with a space for every character except line breaks.
func blank(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	for len(s) > 0 {
		r, size := utf8.DecodeRuneInString(s)
		if r == '\n' {
			b.WriteByte('\n')
		} else {
			b.WriteByte(' ')
		}
		s = s[size:]
	}
	return b.String()
}
