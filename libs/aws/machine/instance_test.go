package machine_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/stretchr/testify/require"

	"github.com/skep-dev/skep/libs/aws/machine"
	"github.com/skep-dev/skep/libs/aws/session"
)

func TestAStoppedInstanceIsAFault(t *testing.T) {
	t.Parallel()
	for name, want := range map[types.InstanceStateName]struct {
		state  machine.State
		faulty bool
	}{
		types.InstanceStateNamePending:      {machine.Changing, false},
		types.InstanceStateNameRunning:      {machine.Running, false},
		types.InstanceStateNameStopping:     {machine.Unusable, true},
		types.InstanceStateNameStopped:      {machine.Unusable, true},
		types.InstanceStateNameShuttingDown: {machine.Changing, false},
		types.InstanceStateNameTerminated:   {machine.Unusable, false},
	} {
		state, err := machine.StateOf(&types.Instance{State: &types.InstanceState{Name: name}})
		require.Equal(t, want.state, state, name)
		require.Equal(t, want.faulty, err != nil, name)
	}
}

func TestInstanceAndRootVolumeAreTagged(t *testing.T) {
	t.Parallel()
	in := machine.Launch{
		Owner: session.Owner{ClusterName: "orchid"}, Name: "instance/eu-central-1a", Tags: []session.Tag{{Key: "team", Value: "blue"}},
	}.Input()
	names := make(map[types.ResourceType]string)
	for _, specification := range in.TagSpecifications {
		require.Contains(t, specification.Tags, types.Tag{Key: aws.String("team"), Value: aws.String("blue")})
		names[specification.ResourceType] = aws.ToString(specification.Tags[0].Value)
	}
	require.Equal(t, map[types.ResourceType]string{
		types.ResourceTypeInstance: "orchid/instance/eu-central-1a", types.ResourceTypeVolume: "orchid/root-volume/eu-central-1a",
	}, names)
}

func TestTypeAndMetadataOptionsDrift(t *testing.T) {
	t.Parallel()
	desired := machine.Launch{Type: "t3.micro", MetadataHops: 1}
	for name, change := range map[string]func(*types.Instance){
		"type":       func(i *types.Instance) { i.InstanceType = "t3.large" },
		"IMDSv1":     func(i *types.Instance) { i.MetadataOptions.HttpTokens = types.HttpTokensStateOptional },
		"hop limit":  func(i *types.Instance) { i.MetadataOptions.HttpPutResponseHopLimit = aws.Int32(2) },
		"no options": func(i *types.Instance) { i.MetadataOptions = nil },
	} {
		found := &types.Instance{InstanceType: "t3.micro", MetadataOptions: &types.InstanceMetadataOptionsResponse{
			HttpTokens: types.HttpTokensStateRequired, HttpPutResponseHopLimit: aws.Int32(1),
		}}
		require.False(t, desired.Drifted(found))
		change(found)
		require.True(t, desired.Drifted(found), name)
		require.False(t, machine.Launch{}.Drifted(found), "during a delete")
	}
}
