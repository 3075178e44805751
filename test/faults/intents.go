package faults

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/skep-dev/skep/libs/aws/session"
	"github.com/skep-dev/skep/libs/engine/store"
	awssim "github.com/skep-dev/skep/libs/sim/aws"
	"github.com/skep-dev/skep/test/scene"
)

// builders are the services that change things in AWS.
var builders = []string{"identity", "network", "ingress", "compute", "bastion"}

// tokenless are the operations that make something and carry no token, with the
// kind of the ledger entry that must have been stored before.
var tokenless = map[string]string{
	"AttachInternetGateway":          "internet-gateway-attachment",
	"CreateRoute":                    "route",
	"AssociateRouteTable":            "route-table-association",
	"PutRolePolicy":                  "role-policy",
	"AddRoleToInstanceProfile":       "instance-profile-role",
	"AttachVolume":                   "volume-attachment",
	"RegisterTargets":                "target",
	"AttachLoadBalancerTargetGroups": "target-group-attachment",
	"AuthorizeSecurityGroupIngress":  "security-group-rules",
	"ModifyTargetGroupAttributes":    "target-group-attributes",
	"ChangeTagsForResource":          "hosted-zone-tags",
	"RevokeSecurityGroupIngress":     "default-security-group",
	"RevokeSecurityGroupEgress":      "default-security-group",
}

// intents is everything that services have ever stored of what they own, as seen
// by a witness of its own.
type intents struct {
	mu         sync.Mutex
	tokens     map[string]bool
	ids        map[string]bool
	kinds      map[string]bool // by service and kind
	violations []string
}

func newIntents() *intents {
	return &intents{tokens: make(map[string]bool), ids: make(map[string]bool), kinds: make(map[string]bool)}
}

// watch follows the records of every service until the context ends, and returns
// what waits for the end of it.
func (i *intents) watch(ctx context.Context, t *testing.T, s *scene.Scene) (wait func()) {
	t.Helper()
	var parts sync.WaitGroup
	for _, service := range builders {
		bucket, err := store.Open(ctx, s.NATS(service), service, store.Options{})
		require.NoError(t, err)
		parts.Go(func() { _ = bucket.Run(ctx) })
		parts.Go(func() { i.follow(ctx, service, bucket) })
	}
	return parts.Wait
}

// follow sees every record and every change of it.
func (i *intents) follow(ctx context.Context, service string, bucket *store.Bucket) {
	for ctx.Err() == nil {
		records, watch := bucket.Watch("")
		for _, r := range records {
			i.see(service, r)
		}
		i.drain(ctx, service, watch)
		watch.Stop()
	}
}

func (i *intents) drain(ctx context.Context, service string, watch *store.Watch) {
	for {
		select {
		case change, ok := <-watch.C:
			if !ok {
				return
			}
			if change.Record != nil {
				i.see(service, *change.Record)
			}
		case <-ctx.Done():
			return
		}
	}
}

func (i *intents) see(service string, record store.Record) {
	i.mu.Lock()
	defer i.mu.Unlock()
	for _, e := range record.GetLedger() {
		i.tokens[e.GetToken()] = true
		i.ids[e.GetId()] = true
		for _, value := range e.GetAttributes() {
			i.ids[value] = true
		}
		kind, _, _ := strings.Cut(e.GetName(), "/")
		i.kinds[service+" "+kind] = true
	}
}

// check holds the law of the ledger for a call that changes something: what it
// makes was intended, what it changes is known to be ours.
func (i *intents) check(event Event, call awssim.Call, ledger []awssim.Entry) {
	said := textsOf(call.Input)
	token := said.token(call.Operation)
	i.mu.Lock()
	defer i.mu.Unlock()
	kind := tokenless[call.Operation]
	switch {
	case token != "" && i.tokens[token], kind != "" && i.kinds[event.Service+" "+kind]:
		return
	case token == "" && slices.ContainsFunc(said.all(), func(text string) bool { return i.ours(text, ledger) }):
		return
	}
	i.violations = append(i.violations, fmt.Sprintf("%s had no stored intent", event))
}

// ours reports whether a text of a call names what is in a ledger of ours.
func (i *intents) ours(text string, ledger []awssim.Entry) bool {
	if i.ids[text] {
		return true
	}
	e := lookup(ledger, text)
	return e != nil && i.tokens[e.Tags[session.TagIntent]]
}

// found are the calls that broke the law.
func (i *intents) found() []string {
	i.mu.Lock()
	defer i.mu.Unlock()
	return slices.Clone(i.violations)
}

// token is the token of a call that makes something of its own, or "".
func (t texts) token(operation string) string {
	// A version is a change of its template, which has the intent.
	if operation == "CreateLaunchTemplateVersion" {
		return ""
	}
	// A caller reference is the cluster's and the token.
	_, reference, _ := strings.Cut(t.field("CallerReference"), "/")
	return cmp.Or(t.tag(session.TagIntent), t.field("ClientToken"), reference)
}
