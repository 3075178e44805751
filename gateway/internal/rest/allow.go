package rest

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"

	skep "github.com/skep-dev/skep/proto"
)

// allowedMethods lists the HTTP methods of each path of the API.
type allowedMethods []struct {
	path    *regexp.Regexp
	methods []string
}

// parameter matches a path parameter, such as `{name}`, in a quoted path.
var parameter = regexp.MustCompile(`\\\{[^}]*\\\}`)

// newAllowedMethods reads the methods from the OpenAPI description, because the
// multiplexer does not expose them.
func newAllowedMethods() (allowedMethods, error) {
	var description struct {
		Paths map[string]map[string]json.RawMessage
	}
	if err := json.Unmarshal(skep.OpenAPI, &description); err != nil {
		return nil, fmt.Errorf("read the OpenAPI description: %w", err)
	}
	var a allowedMethods
	for path, operations := range description.Paths {
		pattern, err := regexp.Compile("^" + parameter.ReplaceAllString(regexp.QuoteMeta(path), `[^/:]+`) + "$")
		if err != nil {
			return nil, fmt.Errorf("read the OpenAPI description: %w", err)
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

// header returns the value of the header Allow for a path.
func (a allowedMethods) header(path string) string {
	for _, allowed := range a {
		if allowed.path.MatchString(path) {
			return strings.Join(allowed.methods, ", ")
		}
	}
	return ""
}
