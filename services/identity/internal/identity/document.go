package identity

import (
	"encoding/json"
	"fmt"
	"net/url"
	"reflect"
)

// Document is an IAM policy document.
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

// Operands maps the keys that a condition compares to their allowed values.
type Operands map[string][]string

const allow = "Allow"

// languageVersion is the version of the policy language.
const languageVersion = "2012-10-17"

// MarshalJSON implements json.Marshaler. It adds the version of the policy language.
func (d Document) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Version    string      `json:"Version"`
		Statements []Statement `json:"Statement"`
	}{languageVersion, d.Statements})
}

// String returns the document as JSON. Equal documents have equal texts.
func (d Document) String() string {
	text, err := json.Marshal(d)
	if err != nil {
		panic(fmt.Sprintf("identity: encode policy: %v", err)) // Strings, slices and maps always encode.
	}
	return string(text)
}

// equal reports whether response, a document from IAM, has the same content. IAM returns documents URL-encoded;
// equal ignores white space and the order of keys.
func (d Document) equal(response string) bool {
	text, err := url.QueryUnescape(response)
	if err != nil {
		return false
	}
	var observed, desired any
	if json.Unmarshal([]byte(text), &observed) != nil || json.Unmarshal([]byte(d.String()), &desired) != nil {
		return false
	}
	return reflect.DeepEqual(observed, desired)
}
