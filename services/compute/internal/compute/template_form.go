package compute

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/skep-dev/skep/libs/aws/machine"
)

// templateForm is what a version of a launch template holds, and the digest that
// tells it from another.
type templateForm struct {
	data   *types.RequestLaunchTemplateData
	digest string
}

// nodeRootGiB is the size of a node's root volume: images, containers and logs.
const nodeRootGiB = 120

// form is the version that is declared.
func (l *LaunchTemplate) form() (templateForm, error) {
	userData, err := l.Boot.userData()
	if err != nil {
		return templateForm{}, err
	}
	root := machine.RootVolume(nodeRootGiB)
	data := &types.RequestLaunchTemplateData{
		ImageId:            aws.String(l.Spec.ImageID),
		InstanceType:       types.InstanceType(l.Spec.InstanceTypes[0]),
		SecurityGroupIds:   values(l.Groups),
		IamInstanceProfile: &types.LaunchTemplateIamInstanceProfileSpecificationRequest{Name: aws.String(l.Profile.Value)},
		MetadataOptions: &types.LaunchTemplateInstanceMetadataOptionsRequest{
			HttpEndpoint:            types.LaunchTemplateInstanceMetadataEndpointStateEnabled,
			HttpTokens:              types.LaunchTemplateHttpTokensStateRequired,
			HttpPutResponseHopLimit: aws.Int32(machine.MetadataHops),
		},
		BlockDeviceMappings: []types.LaunchTemplateBlockDeviceMappingRequest{{
			DeviceName: aws.String(machine.RootDevice),
			Ebs: &types.LaunchTemplateEbsBlockDeviceRequest{
				VolumeType: root.VolumeType, VolumeSize: root.VolumeSize, Encrypted: root.Encrypted, DeleteOnTermination: root.DeleteOnTermination,
			},
		}},
		UserData: userData,
	}
	// The tags of machines carry the token, which differs from attempt to attempt
	// and is no part of what a node is.
	digest, err := digestOf(data)
	if err != nil {
		return templateForm{}, err
	}
	data.TagSpecifications = []types.LaunchTemplateTagSpecificationRequest{
		l.tags(types.ResourceTypeInstance, "node"), l.tags(types.ResourceTypeVolume, "root-volume"),
	}
	return templateForm{data: data, digest: digest}, nil
}

func (l *LaunchTemplate) tags(kind types.ResourceType, name string) types.LaunchTemplateTagSpecificationRequest {
	tags := l.owner.EC2Tags(kind, name, l.Token(), l.owner.KubernetesTag("owned"))
	return types.LaunchTemplateTagSpecificationRequest{ResourceType: kind, Tags: tags[0].Tags}
}

// token is the client token of a version that follows another one.
func (f templateForm) token(template, before string) string {
	sum := sha256.Sum256([]byte(strings.Join([]string{template, before, f.digest}, " ")))
	return hex.EncodeToString(sum[:])
}

// digestOf tells one content from another. Fields that are not set do not count,
// so that a field which a later SDK adds makes no new version of every template.
func digestOf(data any) (string, error) {
	text, err := json.Marshal(data)
	if err != nil {
		return "", fmt.Errorf("digest launch template: %w", err)
	}
	var fields map[string]any
	if err := json.Unmarshal(text, &fields); err != nil {
		return "", fmt.Errorf("digest launch template: %w", err)
	}
	text, err = json.Marshal(withoutUnset(fields))
	if err != nil {
		return "", fmt.Errorf("digest launch template: %w", err)
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:]), nil
}

// withoutUnset returns a decoded value without what is null or empty in it.
func withoutUnset(value any) any {
	switch value := value.(type) {
	case map[string]any:
		for key, inner := range value {
			if inner = withoutUnset(inner); inner == nil || inner == "" {
				delete(value, key)
			} else {
				value[key] = inner
			}
		}
	case []any:
		for i, inner := range value {
			value[i] = withoutUnset(inner)
		}
	}
	return value
}
