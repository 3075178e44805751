package rest

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"

	skep "github.com/skep-dev/skep/proto"
)

// allowance is the methods that the paths of the API take.
type allowance []struct {
	path    *regexp.Regexp
	methods []string
}

// parameter is one segment of a path that the caller chooses.
var parameter = regexp.MustCompile(`\\\{[^}]*\\\}`)

// newAllowance reads the methods from the description of the API, since the
// multiplexer does not tell them.
func newAllowance() (allowance, error) {
	var description struct {
		Paths map[string]map[string]json.RawMessage
	}
	if err := json.Unmarshal(skep.OpenAPI, &description); err != nil {
		return nil, fmt.Errorf("read the description of the API: %w", err)
	}
	var a allowance
	for path, operations := range description.Paths {
		pattern, err := regexp.Compile("^" + parameter.ReplaceAllString(regexp.QuoteMeta(path), `[^/:]+`) + "$")
		if err != nil {
			return nil, fmt.Errorf("read the description of the API: %w", err)
		}
		var methods []string
		for method := range operations {
			methods = append(methods, strings.ToUpper(method))
		}
		slices.Sort(methods)
		a = append(a, struct {
			path    *regexp.Regexp
			methods []string
		}{pattern, methods})
	}
	return a, nil
}

// of lists the methods of a path, as the header Allow has them.
func (a allowance) of(path string) string {
	for _, allowed := range a {
		if allowed.path.MatchString(path) {
			return strings.Join(allowed.methods, ", ")
		}
	}
	return ""
}
