package compute

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/skep-dev/skep/libs/cloud"
	"github.com/skep-dev/skep/libs/graph"
)

// LaunchTemplate is what every node of a pool is. A change makes a new version;
// what a version holds is told by a digest that was written into its description,
// not by AWS's echo, which spells things its own way. CreateLaunchTemplate takes
// a client token.
type LaunchTemplate struct {
	graph.Node
	account
	Spec    NodePoolSpec
	Groups  []*graph.Awaited
	Profile *graph.Awaited
	Boot    *Boot
}

// templateVersion is the attribute that holds the number of the version in use.
const templateVersion = "version"

// nodeRootGiB is the size of a node's root volume: images, containers and logs.
const nodeRootGiB = 120

// Name implements graph.Resource.
func (l *LaunchTemplate) Name() string { return "launch-template" }

// Needs implements graph.Resource.
func (l *LaunchTemplate) Needs() []graph.Resource { return needs(l.Groups, l.Profile, l.Boot.API) }

// Repeatable implements graph.Repeatable.
func (l *LaunchTemplate) Repeatable() {}

// Observe implements graph.Resource.
func (l *LaunchTemplate) Observe(ctx context.Context) (graph.State, error) {
	in := &ec2.DescribeLaunchTemplatesInput{Filters: cloud.ByIntent(l.Token())}
	if l.ID() != "" {
		in = &ec2.DescribeLaunchTemplatesInput{LaunchTemplateIds: []string{l.ID()}}
	}
	out, err := l.DescribeLaunchTemplates(ctx, in)
	if err != nil {
		return graph.Absent, cloud.IgnoreGone(err)
	}
	found, err := cloud.Only(out.LaunchTemplates)
	if err != nil || found == nil {
		return graph.Absent, err
	}
	l.SetID(aws.ToString(found.LaunchTemplateId))
	if l.Boot == nil {
		// This is a deletion, which declares nothing.
		return graph.Ready, nil
	}
	versions, err := l.DescribeLaunchTemplateVersions(ctx, &ec2.DescribeLaunchTemplateVersionsInput{
		LaunchTemplateId: found.LaunchTemplateId, Versions: []string{strconv.FormatInt(aws.ToInt64(found.LatestVersionNumber), 10)},
	})
	if err != nil {
		return graph.Absent, err
	}
	l.SetAttribute(templateVersion, strconv.FormatInt(aws.ToInt64(found.LatestVersionNumber), 10))
	for _, version := range versions.LaunchTemplateVersions {
		if aws.ToString(version.VersionDescription) != l.digest() {
			return graph.Drifted, nil
		}
	}
	return graph.Ready, nil
}

// Create implements graph.Resource.
func (l *LaunchTemplate) Create(ctx context.Context) (graph.State, error) {
	out, err := l.CreateLaunchTemplate(ctx, &ec2.CreateLaunchTemplateInput{
		LaunchTemplateName: aws.String(l.owner.Cluster + "-" + l.Spec.Pool),
		LaunchTemplateData: l.data(),
		VersionDescription: aws.String(l.digest()),
		ClientToken:        aws.String(l.Token()),
		TagSpecifications:  l.owner.EC2Tags(types.ResourceTypeLaunchTemplate, l.Name(), l.Token()),
	})
	if err != nil {
		return graph.Absent, tooNew(err)
	}
	l.SetID(aws.ToString(out.LaunchTemplate.LaunchTemplateId))
	l.SetAttribute(templateVersion, strconv.FormatInt(aws.ToInt64(out.LaunchTemplate.LatestVersionNumber), 10))
	return graph.Ready, nil
}

// Update implements graph.Updater: it makes a new version. Its token is its
// digest on top of the version before, so that a repeat makes no second one.
func (l *LaunchTemplate) Update(ctx context.Context) error {
	out, err := l.CreateLaunchTemplateVersion(ctx, &ec2.CreateLaunchTemplateVersionInput{
		LaunchTemplateId:   aws.String(l.ID()),
		LaunchTemplateData: l.data(),
		VersionDescription: aws.String(l.digest()),
		ClientToken:        aws.String(l.digest()[:32] + "-" + l.Attribute(templateVersion)),
	})
	if err != nil {
		return tooNew(err)
	}
	l.SetAttribute(templateVersion, strconv.FormatInt(aws.ToInt64(out.LaunchTemplateVersion.VersionNumber), 10))
	return nil
}

// Delete implements graph.Resource.
func (l *LaunchTemplate) Delete(ctx context.Context) error {
	_, err := l.DeleteLaunchTemplate(ctx, &ec2.DeleteLaunchTemplateInput{LaunchTemplateId: aws.String(l.ID())})
	return cloud.IgnoreGone(err)
}

// data is what the template holds.
func (l *LaunchTemplate) data() *types.RequestLaunchTemplateData {
	root := cloud.RootVolume(nodeRootGiB)
	own := l.owner.KubernetesTag("owned")
	return &types.RequestLaunchTemplateData{
		ImageId:            aws.String(l.Spec.ImageID),
		InstanceType:       types.InstanceType(l.Spec.InstanceTypes[0]),
		SecurityGroupIds:   values(l.Groups),
		IamInstanceProfile: &types.LaunchTemplateIamInstanceProfileSpecificationRequest{Name: aws.String(l.Profile.Value)},
		MetadataOptions: &types.LaunchTemplateInstanceMetadataOptionsRequest{
			HttpEndpoint:            types.LaunchTemplateInstanceMetadataEndpointStateEnabled,
			HttpTokens:              types.LaunchTemplateHttpTokensStateRequired,
			HttpPutResponseHopLimit: aws.Int32(cloud.MetadataHops),
		},
		BlockDeviceMappings: []types.LaunchTemplateBlockDeviceMappingRequest{{
			DeviceName: aws.String(cloud.RootDevice),
			Ebs: &types.LaunchTemplateEbsBlockDeviceRequest{
				VolumeType: root.VolumeType, VolumeSize: root.VolumeSize, Encrypted: root.Encrypted, DeleteOnTermination: root.DeleteOnTermination,
			},
		}},
		UserData: aws.String(l.Boot.userData()),
		TagSpecifications: []types.LaunchTemplateTagSpecificationRequest{
			{ResourceType: types.ResourceTypeInstance, Tags: l.tags("node", own)},
			{ResourceType: types.ResourceTypeVolume, Tags: l.tags("root-volume", own)},
		},
	}
}

func (l *LaunchTemplate) tags(name string, extra ...cloud.Tag) []types.Tag {
	return l.owner.EC2Tags(types.ResourceTypeInstance, name, l.Token(), extra...)[0].Tags
}

// digest tells one version from another. The token, which differs from attempt
// to attempt, is no part of what a node is.
func (l *LaunchTemplate) digest() string {
	data := l.data()
	data.TagSpecifications = nil
	text, err := json.Marshal(data)
	if err != nil {
		panic(fmt.Sprintf("compute: digest launch template: %v", err))
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}
