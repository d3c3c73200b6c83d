from lib import *
import zipfile, threading
def mem(pid):
    tot=0
    try:
        for l in subprocess.run(['ps','-eo','pid,ppid,rss'],capture_output=True,text=True).stdout.split('\n')[1:]:
            pass
    except Exception: pass
d=box('p1')
row='<row r="{0}"><c r="A{0}"><v>{1}</v></c><c r="B{0}" t="inlineStr"><is><t>Việc số {1} của tỉnh</t></is></c><c r="C{0}" t="inlineStr"><is><t>UBND tỉnh</t></is></c><c r="D{0}" t="inlineStr"><is><t>Sở Y tế</t></is></c><c r="E{0}" t="inlineStr"><is><t>05/12/2026</t></is></c><c r="F{0}" t="inlineStr"><is><t>Đang thực hiện</t></is></c></row>'
def big(fn,n):
    z=zipfile.ZipFile(fn,'w',zipfile.ZIP_DEFLATED,compresslevel=1)
    z.writestr('[Content_Types].xml','<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>')
    z.writestr('_rels/.rels','<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>')
    z.writestr('xl/workbook.xml','<?xml version="1.0"?><workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="DS" sheetId="1" r:id="rId1"/></sheets></workbook>')
    z.writestr('xl/_rels/workbook.xml.rels','<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>')
    with z.open('xl/worksheets/sheet1.xml','w',force_zip64=True) as f:
        f.write('<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'.encode())
        f.write(('<row r="1">'+''.join(f'<c r="{c}1" t="inlineStr"><is><t>{t}</t></is></c>' for c,t in zip('ABCDEF',['STT','Tên nhiệm vụ','Người giao','Đơn vị chủ trì','Hạn hoàn thành','Trạng thái']))+'</row>').encode())
        for s in range(0,n,5000): f.write(''.join(row.format(i+2,i+1) for i in range(s,min(n,s+5000))).encode())
        f.write(b'</sheetData></worksheet>')
    z.close()
def timed(f):
    t=time.time(); p=subprocess.run(['/usr/bin/env','python3','-c','''
import subprocess,sys,resource,time
t=time.time(); p=subprocess.run(sys.argv[1:],capture_output=True,text=True)
print(p.returncode, round(time.time()-t,1),"s", resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss//1024,"MB"); print(p.stdout[:500]); print(p.stderr[-300:] if p.returncode not in (0,65) else "")''',C,'import',f],cwd=d,capture_output=True,text=True,timeout=300); print('##',f,p.stdout,p.stderr)
big(d+'/b100k.xlsx',100_000); timed('b100k.xlsx')
big(d+'/b1m.xlsx',1_048_000); timed('b1m.xlsx'); os.remove(d+'/b1m.xlsx')
with open(d+'/b2m.csv','w') as f:
    f.write('STT;Tên nhiệm vụ;Người giao;Đơn vị chủ trì;Hạn hoàn thành;Trạng thái\n')
    for i in range(2_000_000): f.write(f'{i};Việc số {i};UBND tỉnh;Sở Y tế;05/12/2026;Đang thực hiện\n')
timed('b2m.csv'); os.remove(d+'/b2m.csv')
with open(d+'/huge.csv','wb') as f: f.truncate(4<<30)
timed('huge.csv'); os.remove(d+'/huge.csv')
