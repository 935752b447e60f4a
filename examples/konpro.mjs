// KonPro's own JavaScript example, unmodified but for address, key and ids.
// Usage: VISAVIS_KEY=... node examples/konpro.mjs
async function generateAvatarVideo() {
    const apiKey = process.env.VISAVIS_KEY;
    const apiUrl = `${process.env.VISAVIS_URL ?? 'http://127.0.0.1:8400'}/v1/video-avatars`;
    
    try {
        // Step 1: Create video generation job
        const response = await fetch(apiUrl, {
            method: 'POST',
            headers: {
                'x-api-key': apiKey,
                'Content-Type': 'application/json'
            },
            body: JSON.stringify({
                avatar_id: 'avatar-1',
                voice_id: 'en-US-heart',
                text: 'Welcome to our platform! Let me show you around.',
                settings: {
                    resolution: '1080p',
                    format: 'mp4',
                    background: 'office'
                }
            })
        });
        
        const { job_id } = await response.json();
        console.log('Job created:', job_id);
        
        // Step 2: Poll for completion (or use webhooks)
        let videoUrl = null;
        while (!videoUrl) {
            await new Promise(resolve => setTimeout(resolve, 5000));
            
            const statusResponse = await fetch(`${apiUrl}/${job_id}`, {
                headers: {
                    'x-api-key': apiKey
                }
            });
            
            const status = await statusResponse.json();
            
            if (status.status === 'completed') {
                videoUrl = status.video_url;
            } else if (status.status === 'failed') {
                throw new Error('Video generation failed');
            }
        }
        
        console.log('Video generated:', videoUrl);
        return videoUrl;
    } catch (error) {
        console.error('Error generating video:', error);
        throw error;
    }
}

await generateAvatarVideo();
