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

// templateForm is the content of a version of a launch template, and the digest of that content.
type templateForm struct {
	data   *types.RequestLaunchTemplateData
	digest string
}

// nodeRootGiB is the size of the root volume of a node, in GiB: for images, containers and logs.
const nodeRootGiB = 120

// form returns the desired content.
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
	// The digest excludes the tags: they contain the token, which differs between attempts.
	digest, err := digestOf(data)
	if err != nil {
		return templateForm{}, err
	}
	data.TagSpecifications = []types.LaunchTemplateTagSpecificationRequest{
		l.tags(types.ResourceTypeInstance, "node"), l.tags(types.ResourceTypeVolume, "root-volume"),
	}
	return templateForm{data: data, digest: digest}, nil
}

func (l *LaunchTemplate) tags(resourceType types.ResourceType, name string) types.LaunchTemplateTagSpecificationRequest {
	tags := l.owner.EC2Tags(resourceType, name, l.Token(), l.owner.KubernetesTag("owned"))
	return types.LaunchTemplateTagSpecificationRequest{ResourceType: resourceType, Tags: tags[0].Tags}
}

// token returns the client token for the version that follows version previous of a template.
func (f templateForm) token(template, previous string) string {
	sum := sha256.Sum256([]byte(strings.Join([]string{template, previous, f.digest}, " ")))
	return hex.EncodeToString(sum[:])
}

// digestOf returns the SHA-256 of data in hexadecimal. It ignores unset fields, so that a field that a later
// SDK adds does not create a new version of every template.
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

// withoutUnset returns a decoded JSON value without the object members that are null or "". It modifies value.
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
