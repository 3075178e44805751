package identity

import (
	"encoding/json"
	"fmt"
	"net/url"
	"reflect"
)

// Document is a policy document.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
type Document struct {
	Statements []Statement
}

// Statement is one statement of a policy document.
type Statement struct {
	ID         string              `json:"Sid,omitempty"`
	Effect     string              `json:"Effect"`
	Principal  map[string]string   `json:"Principal,omitempty"`
	Actions    []string            `json:"Action"`
	Resources  []string            `json:"Resource,omitempty"`
	Conditions map[string]Operands `json:"Condition,omitempty"`
}

// Operands are the keys that a condition compares, and the values that they may have.
type Operands map[string][]string

const allow = "Allow"

// languageVersion is the version of the policy language.
const languageVersion = "2012-10-17"

// MarshalJSON writes the document as IAM reads it.
func (d Document) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Version    string      `json:"Version"`
		Statements []Statement `json:"Statement"`
	}{languageVersion, d.Statements})
}

// String is the document as JSON, the same for the same document.
func (d Document) String() string {
	text, err := json.Marshal(d)
	if err != nil {
		panic(fmt.Sprintf("identity: encode policy: %v", err)) // Strings, slices and maps always encode.
	}
	return string(text)
}

// equal reports whether a document of IAM's says the same. IAM answers with what
// it was given, URL-encoded; white space and the order of keys mean nothing.
func (d Document) equal(answer string) bool {
	text, err := url.QueryUnescape(answer)
	if err != nil {
		return false
	}
	var there, wanted any
	if json.Unmarshal([]byte(text), &there) != nil || json.Unmarshal([]byte(d.String()), &wanted) != nil {
		return false
	}
	return reflect.DeepEqual(there, wanted)
}
