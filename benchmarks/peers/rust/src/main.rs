//! Times zkryptium's BBS: `panacea-benchmark-peers ROUNDS COUNT...` prints {"sign 10": [milliseconds, ...], ...}.

use std::time::Instant;

use zkryptium::keys::pair::KeyPair;
use zkryptium::schemes::algorithms::BbsBls12381Sha256;
use zkryptium::schemes::generics::{PoKSignature, Signature};

type Suite = BbsBls12381Sha256;

fn time(name: String, rounds: usize, mut action: impl FnMut()) -> String {
    action();
    let times: Vec<String> = (0..rounds)
        .map(|_| {
            let started = Instant::now();
            action();
            format!("{:.4}", started.elapsed().as_secs_f64() * 1000.0)
        })
        .collect();
    format!("\"{}\": [{}]", name, times.join(", "))
}

fn measure(count: usize, rounds: usize) -> Vec<String> {
    let material: Vec<u8> = (0u8..32).collect();
    let pair = KeyPair::<Suite>::generate(&material, None, None).expect("a key");
    let (secret, public) = (pair.private_key(), pair.public_key());
    let messages: Vec<Vec<u8>> = (0..count).map(|index| format!("{:<32}", format!("message {index}")).into_bytes()).collect();
    let (header, ph): (&[u8], &[u8]) = (b"header", b"ph");
    let shown: Vec<usize> = (0..count).step_by(2).collect();
    let disclosed: Vec<Vec<u8>> = shown.iter().map(|&index| messages[index].clone()).collect();
    let sign = || Signature::<Suite>::sign(Some(&messages), secret, public, Some(header)).expect("a signature");
    let signature = sign();
    let prove = || {
        PoKSignature::<Suite>::proof_gen(
            public, &signature.to_bytes(), Some(header), Some(ph), Some(&messages), Some(&shown),
        )
        .expect("a proof")
    };
    let proof = prove();
    vec![
        time(format!("sign {count}"), rounds, || drop(sign())),
        time(format!("verify {count}"), rounds, || {
            signature.verify(public, Some(&messages), Some(header)).expect("a true signature");
        }),
        time(format!("prove {count}"), rounds, || drop(prove())),
        time(format!("check {count}"), rounds, || {
            proof.proof_verify(public, Some(&disclosed), Some(&shown), Some(header), Some(ph)).expect("a true proof");
        }),
    ]
}

fn main() {
    let numbers: Vec<usize> = std::env::args().skip(1).map(|text| text.parse().expect("a number")).collect();
    let (rounds, counts) = numbers.split_first().expect("ROUNDS COUNT...");
    let parts: Vec<String> = counts.iter().flat_map(|&count| measure(count, *rounds)).collect();
    println!("{{{}}}", parts.join(", "));
}
