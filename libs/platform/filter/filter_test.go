package filter_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	"buf.build/gen/go/bufbuild/protovalidate/protocolbuffers/go/buf/validate"

	identityv1 "github.com/skep-dev/skep/proto/gen/go/skep/identity/v1"
	networkv1 "github.com/skep-dev/skep/proto/gen/go/skep/network/v1"
	typev1 "github.com/skep-dev/skep/proto/gen/go/skep/type/v1"

	"github.com/skep-dev/skep/libs/platform/fault"
	"github.com/skep-dev/skep/libs/platform/filter"
)

var orchid = &networkv1.Network{
	Name:       "organizations/acme/networks/orchid",
	Generation: 3,
	Labels:     map[string]string{"tier": "gold", "skep.dev/team": "blue"},
	CreateTime: timestamppb.New(time.Date(2026, 3, 1, 12, 0, 0, 500, time.UTC)),
	Spec: &networkv1.NetworkSpec{
		Region: "eu-central-1",
		Vpc:    &networkv1.ManagedVpc{Zones: 3, Egress: networkv1.ManagedVpc_NAT_PER_ZONE},
		Access: &networkv1.NetworkAccess{Bastion: true, ApiCidrs: []string{"10.1.0.0/16", "10.2.0.0/16"}},
	},
	Status: &networkv1.NetworkStatus{
		State: typev1.State_READY,
		Conditions: []*typev1.Condition{
			{Type: "VpcReady", Status: typev1.Condition_TRUE, Reason: "Ready"},
			{Type: "SubnetsReady", Status: typev1.Condition_FALSE, Reason: "Throttled"},
		},
		SecurityGroups: &networkv1.SecurityGroups{Node: "sg-1"},
	},
}

func TestMatch(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"":   true,
		"  ": true,

		// Strings.
		`spec.region = "eu-central-1"`:  true,
		`spec.region != "eu-central-1"`: false,
		`spec.region != "x"`:            true,
		`spec.region = 'eu-central-1'`:  true,
		`spec.region:"eu-central-1"`:    true,
		`spec.region = "eu-*"`:          true,
		`spec.region = "*-1"`:           true,
		`spec.region = "*central*"`:     true,
		`spec.region = "us-*"`:          false,
		`spec.region != "us-*"`:         true,
		`spec.region = "eu-*-1"`:        false,
		`spec.region < "f"`:             true,
		`name >= "p"`:                   false,
		`etag = ""`:                     true,

		// Enums, by name, quoted or not.
		`status.state = "READY"`:               true,
		`status.state = READY`:                 true,
		`status.state=READY`:                   true,
		`status.state != CREATING`:             true,
		`spec.vpc.egress = NAT_PER_ZONE`:       true,
		`spec.vpc.egress:NAT_SINGLE`:           false,
		`delete_time:* OR status.state:FAILED`: false,

		// Numbers and bools.
		`generation = 3`:                  true,
		`generation > 3`:                  false,
		`generation >= 3`:                 true,
		`generation < -1`:                 false,
		`spec.vpc.zones <= 2`:             false,
		`spec.access.bastion = true`:      true,
		`spec.access.bastion`:             true,
		`NOT spec.access.bastion`:         false,
		`-spec.access.bastion`:            false,
		`spec.access.bastion != true`:     false,
		`status.observedGeneration = 0`:   true,
		`status.observed_generation != 0`: false,

		// Timestamps.
		`create_time > "2026-01-01T00:00:00Z"`:              true,
		`createTime < timestamp("2026-03-01T12:00:00Z")`:    false,
		`create_time <= "2026-03-01T12:00:00.0000005Z"`:     true,
		`create_time = "2026-03-01T13:00:00.0000005+01:00"`: true,
		`delete_time < "2030-01-01T00:00:00Z"`:              false,
		`delete_time > "2000-01-01T00:00:00Z"`:              false,
		`delete_time != "2000-01-01T00:00:00Z"`:             true,
		`create_time:*`:                                     true,

		// Maps.
		`labels.tier = "gold"`:           true,
		`labels.tier = gold`:             true,
		`labels.tier != "gold"`:          false,
		`labels.tier:gold`:               true,
		`labels.tier:*`:                  true,
		`labels:tier`:                    true,
		`labels:"skep.dev/team"`:         true,
		`labels:*`:                       true,
		`labels."skep.dev/team" = "bl*"`: true,
		`labels:color`:                   false,
		`labels.color:*`:                 false,
		`labels.color = ""`:              false,
		`labels.color != "red"`:          true,

		// Messages.
		`status.security_groups.node = "sg-1"`: true,
		`status.security_groups.bastion:*`:     false,

		// Lists, and what lies in them.
		`spec.access.api_cidrs:"10.2.0.0/16"`: true,
		`spec.access.apiCidrs:"10.2.*"`:       true,
		`spec.access.api_cidrs:"10.3.*"`:      false,
		`spec.access.api_cidrs:*`:             true,
		`spec.access.vpn_cidrs:*`:             false,
		`status.conditions.reason:Throttled`:  true,
		`status.conditions.status:FALSE`:      true,
		`status.conditions.reason:Timeout`:    false,
		`status.conditions.since:*`:           false,
		`NOT status.zones.name:"a"`:           true,

		// Messages.
		`status:*`:          true,
		`spec.cluster:*`:    false,
		`spec.vpc:zones`:    true,
		`spec.vpc:cidr`:     false,
		`spec.cluster:name`: false,

		// Logic: OR binds tighter than AND, and a blank is an AND.
		`generation = 3 AND status.state = READY`:                         true,
		`generation = 4 OR status.state = READY`:                          true,
		`NOT generation = 4`:                                              true,
		`generation = 3 OR generation = 4 AND labels.tier = silver`:       false,
		`generation = 3 OR (generation = 4 AND labels.tier = silver)`:     true,
		`generation = 3 labels:tier`:                                      true,
		`generation = 3 labels:color`:                                     false,
		`(generation = 3) AND NOT (labels.tier = silver OR labels:color)`: true,
	} {
		t.Run(text, func(t *testing.T) {
			t.Parallel()
			f, err := filter.Parse(text, orchid.ProtoReflect().Descriptor())
			require.NoError(t, err)
			require.Equal(t, want, f.Match(orchid))
		})
	}
}

func TestDurationsUnsignedAndFloatNumbersAreCompared(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		message proto.Message
		text    string
		want    bool
	}{
		{&validate.DurationRules{Const: durationpb.New(90 * time.Second)}, `const > "1m"`, true},
		{&validate.DurationRules{Const: durationpb.New(90 * time.Second)}, `const = duration("90s")`, true},
		{&validate.DurationRules{Const: durationpb.New(-1500 * time.Millisecond)}, `const < "-1s"`, true},
		{&validate.DurationRules{}, `const < "1m"`, false},
		{&validate.DurationRules{In: []*durationpb.Duration{durationpb.New(time.Second)}}, `in:"1s"`, true},
		{&validate.DoubleRules{Const: proto.Float64(1.5)}, `const > 1`, true},
		{&validate.DoubleRules{Const: proto.Float64(1.5)}, `const < -0.5`, false},
		{&validate.UInt64Rules{Const: proto.Uint64(1 << 63)}, `const > 1`, true},
	} {
		f, err := filter.Parse(c.text, c.message.ProtoReflect().Descriptor())
		require.NoError(t, err)
		require.Equal(t, c.want, f.Match(c.message), "%s of %v", c.text, c.message)
	}
}

func TestUnsetFieldsCompareAsZeroValues(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		`spec.region != "x"`:               true,
		`spec.region = ""`:                 true,
		`status.state = STATE_UNSPECIFIED`: true,
		`labels.tier != gold`:              true,
		`spec.access.bastion`:              false,
		`labels:tier`:                      false,
		`spec.cluster.name:*`:              false,
	} {
		f, err := filter.Parse(text, orchid.ProtoReflect().Descriptor())
		require.NoError(t, err, text)
		require.Equal(t, want, f.Match(&networkv1.Network{}), text)
	}
}

func TestAFilterMatchesOneMessageType(t *testing.T) {
	t.Parallel()
	f, err := filter.Parse("", orchid.ProtoReflect().Descriptor())
	require.NoError(t, err)
	require.False(t, f.Match(&identityv1.Organization{}))
}

func TestTheFaultOfAnInvalidFilterNamesTheError(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`status.stat = READY`:            `field "status.stat" does not exist; NetworkStatus has state, `,
		`color = red`:                    `field "color" does not exist; Network has name, `,
		`name.first = "x"`:               `field "name" has no fields`,
		`labels.tier.color = "x"`:        `field "labels.tier" has no fields`,
		`status.state = RUNNING`:         `field "status.state" cannot be "RUNNING"; it is one of STATE_UNSPECIFIED, CREATING`,
		`status.state = 2`:               `field "status.state" cannot be "2"`,
		`status.state > READY`:           `is an enum and has no order`,
		`generation = "three"`:           `field "generation" must be an integer, not "three"`,
		`generation = 1.5`:               `field "generation" must be an integer, not "1.5"`,
		`spec.access.bastion = 1`:        `field "spec.access.bastion" must be true or false, not "1"`,
		`spec.access.bastion > true`:     `is a bool and has no order`,
		`spec.region = 5`:                `field "spec.region" must be a string; write "5" in quotes`,
		`create_time > yesterday`:        `field "create_time" must be a time such as "2026-01-02T15:04:05Z", not "yesterday"`,
		`spec = "x"`:                     `field "spec" is a message; compare one of its fields: account, region`,
		`spec:color`:                     `field "spec" has no field "color"`,
		`labels = "x"`:                   `field "labels" is a map`,
		`spec.access.api_cidrs = "x"`:    `is a list or in a list`,
		`status.conditions.reason = "x"`: `is a list or in a list`,
		`spec.region = ("a" OR "b")`:     `the right side is not a single value`,
		`spec.region = lower("A")`:       `the right side is not a single value`,
		`regex(name, "x")`:               `function "regex" is unknown`,
		`AND(name)`:                      `AND needs a term on each side`,
		`gold`:                           `field "gold" does not exist`,
		`"gold"`:                         `a value needs a field to compare with`,
		`name`:                           `field "name" is not a bool`,
		`"a" = "b"`:                      `the left side of "=" is not a field`,
		`name = `:                        `is incomplete`,
		`name = "x`:                      `unterminated string at column 8`,
		`name = eu-central-1`:            `unexpected trailing token - at column 10`,
		`(name = "x"`:                    `expected )`,
		"name = \"\xff\"":                `invalid UTF-8`,
		strings.Repeat("a", 2049):        `is longer than 2048 bytes`,
	} {
		t.Run(text, func(t *testing.T) {
			t.Parallel()
			_, err := filter.Parse(text, orchid.ProtoReflect().Descriptor())
			require.True(t, fault.Is(err, fault.Invalid), "%v", err)
			fields := fault.Of(err).Fields
			require.Len(t, fields, 1)
			require.Equal(t, "filter", fields[0].Path)
			require.Contains(t, fields[0].Message, want)
			require.NotContains(t, fields[0].Message, "\n")
		})
	}
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		``, `status.state = READY`, `labels."a.b":* AND NOT (name = "x*" OR generation >= -1.5)`,
		`create_time > timestamp("2026-01-01T00:00:00Z")`, `spec.access.api_cidrs:"10.*"`, `-a b c`, `f(f(f(`, `"\`, `AND()`, `NOT(a,b)`,
		`=(a,b)`, `duration()`, `status.conditions.fault:message`, `0x`, strings.Repeat("(", 1024), strings.Repeat("-(", 1000),
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		parsed, err := filter.Parse(text, orchid.ProtoReflect().Descriptor())
		if err != nil {
			require.True(t, fault.Is(err, fault.Invalid))
			return
		}
		parsed.Match(orchid)
		parsed.Match(&networkv1.Network{})
	})
}
