package rest_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	skep "github.com/skep-dev/skep/proto"
)

func TestEveryOperationHasARefusalAsItsDefaultResponse(t *testing.T) {
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
			require.Equal(t, "#/definitions/skep.type.v1.Refusal", operation.Responses["default"].Schema.Ref, "%s %s: generate the description with proto/openapi.yaml", method, path)
		}
	}
}

func TestDescriptionHasATitleAndBearerAuthentication(t *testing.T) {
	t.Parallel()
	var description struct {
		Info                struct{ Title, Version, Description string }
		SecurityDefinitions map[string]struct{ In, Name string }
		Security            []map[string][]string
		Tags                []struct{ Name string }
	}
	require.NoError(t, json.Unmarshal(skep.OpenAPI, &description))
	require.Equal(t, "Skep", description.Info.Title)
	require.NotEmpty(t, description.Info.Description)
	require.Equal(t, "Authorization", description.SecurityDefinitions["bearer"].Name)
	require.Equal(t, "header", description.SecurityDefinitions["bearer"].In)
	require.Equal(t, []map[string][]string{{"bearer": {}}}, description.Security)
	require.Equal(t, "ClusterService", description.Tags[0].Name, "the service that most users need comes first")
}
