# dist from what is there, with stand-in models and catalogues
set -e
export CARGO_TARGET_DIR=/work/target
rm -rf dist/pkg
/work/tools/bin/wasm-bindgen --target web --no-typescript --out-dir dist/pkg /work/target/wasm32-unknown-unknown/release/portraoke.wasm
mkdir -p dist/vendor dist/models
cp -R www/. dist/
[ -e models/head.safetensors ] && cp models/*.safetensors models/*.onnx dist/models/ || cp /work/data/portrait_dev/*.onnx /work/data/portrait_dev/head.safetensors dist/models/
cp node_modules/mediabunny/dist/bundles/mediabunny.min.mjs dist/vendor/
cp node_modules/@fontsource-variable/bricolage-grotesque/files/bricolage-grotesque-latin-wght-normal.woff2 dist/vendor/bricolage-grotesque.woff2
echo x > dist/vendor/LICENCES.txt
if [ ! -e www/songs/catalogue.json ]; then mkdir -p dist/songs; cp tests/browser/data/la-la.musicxml dist/songs/; echo '[{"id":"la-la","title":"La la","language":"en","year":1892,"composer":"Nobody","file":"la-la.musicxml","duration":5},{"id":"la-la2","title":"La la 2","language":"en","year":1892,"composer":"Nobody","file":"la-la.musicxml","duration":5}]' > dist/songs/catalogue.json; fi
if [ ! -e www/portraits/catalogue.json ]; then mkdir -p dist/portraits; (cd /work/shared/assets/photos/modern; cp $(ls | head -4) /work/wt/page/dist/portraits/); node -e 'const fs=require("fs");fs.writeFileSync("dist/portraits/catalogue.json",JSON.stringify(fs.readdirSync("dist/portraits").filter(f=>/jpg$/.test(f)).map((file,i)=>({id:"p"+i,name:"Person "+i,file,alt:"someone"}))))'; fi
ls -la dist/pkg
