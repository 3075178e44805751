package rest_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	skep "github.com/skep-dev/skep/proto"
)

func TestEveryOperationSaysWhatItsErrorsLookLike(t *testing.T) {
	t.Parallel()
	type operation struct {
		Responses map[string]struct {
			Schema struct {
				Ref string `json:"$ref"`
			}
		}
	}
	var description struct {
		Paths       map[string]map[string]operation
		Definitions map[string]json.RawMessage
	}
	require.NoError(t, json.Unmarshal(skep.OpenAPI, &description))
	require.NotEmpty(t, description.Paths)
	require.Contains(t, description.Definitions, "skep.type.v1.Refusal")
	for path, operations := range description.Paths {
		for method, operation := range operations {
			require.Equal(t, "#/definitions/skep.type.v1.Refusal", operation.Responses["default"].Schema.Ref, "%s %s: make the description with proto/openapi.yaml", method, path)
		}
	}
}
