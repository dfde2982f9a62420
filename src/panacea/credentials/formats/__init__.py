"""Other containers of the same claims: JWS, SD-JWT, CWT, SMART Health Cards; no socket, clock or file in any of them.

jose, jwe, jwk    signed and encrypted JSON, and keys in it (base64url, inflate: its octets)
issuer_keys       whose key is it: a DID's, a certificate's (certificates), a published set's, a given one
vc_jwt            vc+jwt and vp+jwt (VC 2.0), and the JWT encoding of VC 1.1
sd_jwt            Selective Disclosure for JWTs (RFC 9901), with key binding; disclosures are what it hides
sd_jwt_vc         SD-JWT VC (dc+sd-jwt); type_metadata is what its types mean
vc_sd_jwt         a VC 2.0 document in SD-JWT (vc+sd-jwt)
same_claims       one document in every container, and back; dates are its times as whole seconds
cose              CBOR with tags, COSE_Sign1 and CWT
health_card       SMART Health Cards (shc:/), and health_link: SMART Health Links (shlink:/)
types             how a container is refused
"""
