package ec2api

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/skep-dev/skep/libs/sim/aws/internal/engine"
)

// token is a client token that was used.
type token struct {
	Digest string // hash of the input
	Made   string // id of the resource it created
}

// Owner implements engine.Attributes.
func (t token) Owner() string { return t.Made }

// Summary implements engine.Attributes.
func (t token) Summary(name func(id string) string) string { return name(t.Made) }

var tokens = engine.NewType[token](engine.Type{Name: "ClientToken", Hidden: true})

// tokenLife is the time for which AWS keeps a client token; it promises at least 24 hours.
// https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-idempotency.html
const tokenLife = 24 * time.Hour

// Once calls create, unless the client token has created a resource before, which it returns. It refuses a token that
// comes with another input. If the resource of the token is gone, or without a token, it calls create.
func Once[T engine.Attributes](c *engine.Call, k *engine.ResourceType[T], clientToken *string, in any, make func() (*engine.Resource[T], error)) (*engine.Resource[T], error) {
	if aws.ToString(clientToken) == "" {
		return make()
	}
	if len(*clientToken) > 64 {
		return nil, engine.InvalidParameter("ClientToken", *clientToken)
	}
	digest, err := digestOf(in)
	if err != nil {
		return nil, err
	}
	id := c.Operation + "/" + *clientToken
	if used, ok := tokens.Find(c, id); ok && !used.Gone(c.Now()) {
		if used.Data.Digest != digest {
			return nil, engine.Refuse("IdempotentParameterMismatch", "The request uses the same client token as a previous, but non-identical request.")
		}
		if r, ok := k.Find(c, used.Data.Made); ok && !r.Gone(c.Now()) {
			return r, nil
		}
	}
	r, err := make()
	if err != nil {
		return nil, err
	}
	used := tokens.Create(c, id, token{Digest: digest, Made: r.ID}, nil)
	used.GoneAt = c.Now().Add(c.Scaled(tokenLife))
	tokens.Put(c, used)
	return r, nil
}

func digestOf(in any) (string, error) {
	text, err := json.Marshal(in)
	if err != nil {
		return "", fmt.Errorf("digest input: %w", err)
	}
	return fmt.Sprintf("%x", sha256.Sum256(text)), nil
}
