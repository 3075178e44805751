// Package proto holds the contracts of Skep: the .proto files under skep/ and
// the code and the OpenAPI description generated from them under gen/. It has no behavior of its own.
package proto

import _ "embed"

// OpenAPI is the description of the REST face of all contracts, OpenAPI 2.0 in JSON.
//
//go:embed gen/openapi/skep.swagger.json
var OpenAPI []byte
