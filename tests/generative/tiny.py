"""Pipelines of diffusers as small as they get, with random weights, saved as users have them.

What they make looks like nothing; all else of them is as in the large ones.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

import torch
from tokenizers import pre_tokenizers

from scenegen.generative.loading import quiet

diffusers: Any = import_module("diffusers")  # an extra: type checkers need not find it
transformers: Any = import_module("transformers")

MOST_TOKENS = 24
VIDEO_FRAMES = 4


def images(folder: Path, **changes: Any) -> Path:
    """Save a Stable Diffusion that makes 32x32 pixels by itself, in multiples of 8."""
    torch.manual_seed(0)
    unet = diffusers.UNet2DConditionModel(
        sample_size=16, in_channels=4, out_channels=4, layers_per_block=1, norm_num_groups=2,
        block_out_channels=(4, 8), cross_attention_dim=16, attention_head_dim=2,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
    )  # fmt: skip
    vae = diffusers.AutoencoderKL(
        block_out_channels=(4, 8), latent_channels=4, norm_num_groups=2,
        down_block_types=("DownEncoderBlock2D",) * 2, up_block_types=("UpDecoderBlock2D",) * 2,
    )  # fmt: skip
    tokenizer = clip_tokenizer()
    text = transformers.CLIPTextConfig(
        vocab_size=len(tokenizer), hidden_size=16, intermediate_size=16, num_hidden_layers=1,
        num_attention_heads=2, max_position_embeddings=MOST_TOKENS, bos_token_id=0, eos_token_id=1,
        pad_token_id=1,
    )  # fmt: skip
    parts = {
        "unet": unet, "vae": vae, "tokenizer": tokenizer,
        "text_encoder": transformers.CLIPTextModel(text),
        "scheduler": diffusers.DDIMScheduler(steps_offset=1, clip_sample=False),
        "safety_checker": None, "feature_extractor": None,
    }  # fmt: skip
    pipeline = diffusers.StableDiffusionPipeline(**(parts | changes), requires_safety_checker=False)
    return saved(pipeline, folder)


def videos(folder: Path) -> Path:
    """Save a Stable Video Diffusion that makes 4 frames of 32x32 pixels, in multiples of 8."""
    torch.manual_seed(1)
    unet = diffusers.UNetSpatioTemporalConditionModel(
        sample_size=16, in_channels=8, out_channels=4, layers_per_block=1,
        block_out_channels=(32, 64), cross_attention_dim=32, num_attention_heads=(2, 4),
        down_block_types=("CrossAttnDownBlockSpatioTemporal", "DownBlockSpatioTemporal"),
        up_block_types=("UpBlockSpatioTemporal", "CrossAttnUpBlockSpatioTemporal"),
        projection_class_embeddings_input_dim=96, addition_time_embed_dim=32,
        num_frames=VIDEO_FRAMES,
    )  # fmt: skip
    vae = diffusers.AutoencoderKLTemporalDecoder(
        block_out_channels=(32, 64), latent_channels=4, layers_per_block=1,
        down_block_types=("DownEncoderBlock2D",) * 2,
    )  # fmt: skip
    seer = transformers.CLIPVisionModelWithProjection(
        transformers.CLIPVisionConfig(
            hidden_size=32, projection_dim=32, intermediate_size=32, num_hidden_layers=1,
            num_attention_heads=2, image_size=224, patch_size=56,
        )
    )  # fmt: skip
    pipeline = diffusers.StableVideoDiffusionPipeline(
        vae=vae,
        unet=unet,
        image_encoder=seer,
        scheduler=diffusers.EulerDiscreteScheduler(prediction_type="v_prediction"),
        feature_extractor=transformers.CLIPImageProcessor(crop_size=224, size=224),
    )
    return saved(pipeline, folder)


def spoken_videos(folder: Path) -> Path:
    """Save an LTX-Video, which takes words and a frame rate as well."""
    torch.manual_seed(2)
    transformer = diffusers.LTXVideoTransformer3DModel(
        in_channels=8, out_channels=8, num_attention_heads=2, attention_head_dim=8,
        cross_attention_dim=16, num_layers=1, caption_channels=16,
    )  # fmt: skip
    vae = diffusers.AutoencoderKLLTXVideo(
        latent_channels=8, block_out_channels=(8, 8, 8, 8), decoder_block_out_channels=(8, 8, 8, 8),
        layers_per_block=(1, 1, 1, 1, 1), decoder_layers_per_block=(1, 1, 1, 1, 1),
    )  # fmt: skip
    tokenizer = transformers.T5Tokenizer(extra_ids=10, model_max_length=512)
    text = transformers.T5Config(
        vocab_size=64, d_model=16, d_kv=8, d_ff=16, num_layers=1, num_heads=2
    )  # fmt: skip
    pipeline = diffusers.LTXImageToVideoPipeline(
        transformer=transformer,
        vae=vae,
        scheduler=diffusers.FlowMatchEulerDiscreteScheduler(),
        text_encoder=transformers.T5EncoderModel(text),
        tokenizer=tokenizer,
    )
    return saved(pipeline, folder)


def clip_tokenizer() -> Any:
    """Return a tokenizer of single letters."""
    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    names = ["<|startoftext|>", "<|endoftext|>", *letters, *(f"{letter}</w>" for letter in letters)]
    vocabulary = {name: number for number, name in enumerate(names)}
    return transformers.CLIPTokenizer(vocab=vocabulary, merges=[], model_max_length=MOST_TOKENS)


def saved(pipeline: Any, folder: Path) -> Path:
    """Save a pipeline as safetensors; return its folder."""
    with quiet():
        pipeline.save_pretrained(folder, safe_serialization=True)
    return folder
